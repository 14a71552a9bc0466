"""What is found out about one frame of a client's own camera, before it becomes messages."""

from dataclasses import dataclass

from doorward_daemon.access import Access
from doorward_daemon.model.camera_view import TrackView
from doorward_daemon.model.decision import Identification
from doorward_sync.event import Event


@dataclass(frozen=True, slots=True, eq=False)
class TrackDecision:
    """Who somebody is, decided once per track."""

    track_id: int
    """The track."""
    identification: Identification
    """Whom it shows."""
    access: Access | None = None
    """Whether the person may pass; None without a door."""
    event: Event | None = None
    """The recorded event; None without a door, and where the record failed."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameAnswer:
    """What was found out with one frame."""

    tracks: tuple[TrackView, ...]
    """The faces followed, largest first."""
    decisions: tuple[TrackDecision, ...] = ()
    """What this frame completed the evidence for."""
