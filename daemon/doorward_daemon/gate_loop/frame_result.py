"""What one frame decided, held and changed."""

from dataclasses import dataclass

from doorward_daemon.model.decision import Identification, StageTime


@dataclass(frozen=True, slots=True, eq=False)
class TrackDecision:
    """What was decided about a track."""

    track_id: int
    """The track."""
    identification: Identification
    """The decision."""
    captured_mono_ns: int
    """Capture of the frame that completed the evidence; of the last frame for a track that left."""


@dataclass(frozen=True, slots=True)
class FrameCount:
    """What one frame held and changed, for figures."""

    faces: int = 0
    """Faces found."""
    started: int = 0
    """Tracks that began."""
    ended: int = 0
    """Tracks that ended."""
    split: int = 0
    """Tracks in whose place somebody else was found."""
    times: tuple[StageTime, ...] = ()
    """Time per stage."""
    is_searched: bool = True
    """Whether it was searched for faces; nothing moved in the others."""
