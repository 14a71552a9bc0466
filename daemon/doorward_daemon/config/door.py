"""A door as it is configured: what moves it, and what it asks."""

from dataclasses import dataclass, field

from doorward_daemon.access import DoorPolicy
from doorward_daemon.door import DoorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredDoor(DoorSettings):
    """A door and what it asks before it opens."""

    policy: DoorPolicy = field(default_factory=DoorPolicy)
    """What it asks; `[doors.policy]` below its door."""
