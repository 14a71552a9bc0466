"""What AccessService is asked for and answers, before it becomes messages."""

from dataclasses import dataclass

from doorward_daemon.access import DoorState
from doorward_daemon.model.liveness import ChallengePolicy, LivenessPolicy
from doorward_daemon.model.quality import MaskPolicy
from doorward_daemon.model.write_request import WriteRequest
from doorward_sync.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEntry:
    """A door of this device."""

    door_id: str
    """The door."""
    display_name: str
    """Its name for a screen."""
    state: DoorState
    """How it is."""
    problem: str
    """What failed; empty where nothing did."""
    openings: int
    """Times it was opened since the daemon started."""
    faults: int
    """Commands that failed since the daemon started."""
    liveness: LivenessPolicy
    """What it asks of liveness."""
    challenge: ChallengePolicy
    """What it asks a person to do."""
    mask: MaskPolicy = MaskPolicy.OFF
    """What it makes of masks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpening:
    """Somebody with a role asks for an open door."""

    write: WriteRequest
    """Makes it idempotent."""
    door_id: str
    """The door."""
    duration_s: float | None
    """How long it stays unlocked; None = as the door is configured."""
    role: str
    """Role of the listener it came by."""
    note: str
    """Why, for the record."""


@dataclass(frozen=True, slots=True)
class OpenedDoor:
    """A door that was opened."""

    door: DoorEntry
    """The door as it is now."""
    event: Event
    """The event that was recorded before it was commanded."""
