"""What is seen in a camera's frames, as a screen shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from doorward_daemon.model.decision import JudgedFace, Outcome
from doorward_daemon.model.quality import Guidance


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TrackView:
    """A face followed over frames."""

    track_id: int
    """Number of the track within its camera."""
    judged: JudgedFace
    """The face as last judged."""
    guidance: tuple[Guidance, ...] = ()
    """What the person can do, most helpful first."""
    outcome: Outcome | None = None
    """What was decided; None before."""
    display_name: str = ""
    """Name of the subject for a screen, for MATCHED."""
    evidence: float = 0.0
    """Evidence gathered, 0..1; a decision is taken at 1."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CameraView:
    """One frame of a camera with what was seen in it."""

    camera_id: str
    """The camera."""
    frame_number: int
    """Number of the frame since the camera was opened."""
    captured_at: datetime
    """Wall clock at capture; aware, UTC."""
    width_px: int
    """Width of the frame."""
    height_px: int
    """Height of the frame."""
    tracks: tuple[TrackView, ...]
    """The faces followed, largest first."""
    encode: Callable[[], bytes]
    """Makes a JPEG of the frame; some milliseconds, on any thread, only where somebody wants to see it."""
