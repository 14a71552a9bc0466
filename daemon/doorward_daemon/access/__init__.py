"""Whether a door opens: pure decisions over an identification and a door's policy; nothing here waits or remembers."""

from doorward_daemon.access.decision import Access, decide_access, grant_to_operator
from doorward_daemon.access.door_machine import DoorMachine, DoorState
from doorward_daemon.access.policy import DoorPolicy, SlowDiskPolicy
from doorward_daemon.access.reason import AccessReason

__all__ = [
    "Access",
    "AccessReason",
    "DoorMachine",
    "DoorPolicy",
    "DoorState",
    "SlowDiskPolicy",
    "decide_access",
    "grant_to_operator",
]
