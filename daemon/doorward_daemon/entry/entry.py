"""A person before a door, and what came of it."""

from dataclasses import dataclass

from doorward_daemon.access import Access
from doorward_daemon.model.decision import Identification
from doorward_sync.event import Event


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Entry:
    """An identification that asks for a door."""

    identification: Identification
    """Who it is, with all reasons."""
    door_id: str
    """The door."""
    camera_id: str
    """The camera that saw it; empty for a client that brought its own pictures."""
    captured_mono_ns: int
    """Monotonic capture time of the frame that completed the evidence."""
    track_id: int = 0
    """The track it is bound to, of that camera; 0 where there is none."""
    unrecorded_before: int = 0
    """Denials since the last recorded one that were too many to be recorded one by one."""


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """What came of a request for a door."""

    access: Access
    """Granted or denied."""
    event: Event | None
    """The recorded decision; None where the disk did not take it in time: it is recorded when the disk is back."""
    door_opened: bool
    """Whether the door answered that it opened."""
    result: Event | None = None
    """The recorded door.opened or door.fault; None where no door was asked, or it waits for the disk."""
    repeated: bool = False
    """Whether this request was answered before; nothing was done again."""
