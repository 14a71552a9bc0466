"""Whether a door opens, and what a person is asked before: pure decisions; nothing here waits or remembers."""

from doorward_daemon.access.challenge import Challenge, ChallengeSettings, Stance, draw_steps
from doorward_daemon.access.decision import Access, decide_access, grant_to_operator
from doorward_daemon.access.door_machine import DoorMachine, DoorState
from doorward_daemon.access.policy import DoorPolicy, SlowDiskPolicy
from doorward_daemon.access.reason import AccessReason

__all__ = [
    "Access",
    "AccessReason",
    "Challenge",
    "ChallengeSettings",
    "DoorMachine",
    "DoorPolicy",
    "DoorState",
    "SlowDiskPolicy",
    "Stance",
    "decide_access",
    "draw_steps",
    "grant_to_operator",
]
