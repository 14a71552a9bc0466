"""What an operator can say about how faces are followed and when they are decided about."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval

from doorward_daemon.access import ChallengeSettings

_Share = Annotated[float, Interval(ge=0.0, le=1.0)]
_Seconds = Annotated[float, Interval(ge=0.0, le=600.0)]
_Count = Annotated[int, Interval(ge=1, le=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """How a face is followed from frame to frame."""

    min_iou: _Share = 0.3
    """Overlap of a face with the expected place of a track from which it is that track (intersection over union)."""
    max_gap_s: _Seconds = 1.0
    """A face unseen for longer has left, where it was missed in `max_missed_frames` frames too."""
    max_missed_frames: _Count = 3
    """Frames a face may be missed in, however slow the camera."""
    longest_gap_s: _Seconds = 3.0
    """A face unseen for longer has left, however few frames there were."""
    switch_score: Annotated[float, Interval(ge=-1.0, le=1.0)] | None = None
    """Two good looks at one track that score lower show two persons; unset takes the pack's own limits, see gate.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """Which frames are searched for faces."""

    when: Literal["needed", "always"] = "needed"
    """needed spares the processor where nothing moves and everybody is decided about; always searches every frame."""
    still_every_s: Annotated[float, Interval(ge=0.0, le=5.0)] = 0.5
    """Where nothing moves and nobody is followed, a frame is searched so often: somebody who stood there before the
    camera was opened waits no longer."""
    settled_every_s: Annotated[float, Interval(ge=0.0, le=0.5)] = 0.2
    """The same where everybody in view is decided about."""
    motion_levels: Annotated[float, Interval(ge=1.0, le=100.0)] = 6.0
    """Change of brightness, of 255 levels, from which a cell of the picture (a 32nd of its width) has moved; raise it
    before a camera with more noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLoopSettings:
    """How evidence is gathered and what becomes of it."""

    track: TrackSettings = field(default_factory=TrackSettings)
    """How faces are followed."""
    search: SearchSettings = field(default_factory=SearchSettings)
    """Which frames are searched for faces."""
    max_judged_faces: Annotated[int, Interval(ge=1, le=8)] = 2
    """Faces judged per frame, the largest ones; the others are only followed."""
    liveness_frames: _Count = 3
    """Good looks that a verdict on liveness needs where the door requires it, or where it would deny."""
    liveness_patience_frames: _Count = 12
    """Good looks after which a door that requires liveness gives up on a person it stays unsure of."""
    challenge: ChallengeSettings = field(default_factory=ChallengeSettings)
    """What counts as done where a door puts a challenge."""
    max_shots: Annotated[int, Interval(ge=1, le=32)] = 5
    """Best looks at a track that are kept and fused."""
    min_frames_on_record: _Count = 10
    """A face that leaves undecided is recorded as denied if it was seen in so many frames."""
    retry_after_s: _Seconds = 3.0
    """A person who was turned away is looked at again after this."""
    recheck_s: _Seconds = 1.0
    """How often a track that was decided about is looked at, to see that it is still the same person."""
    max_denied_per_minute: _Count = 30
    """Denials recorded per minute and camera; the others are counted and the number goes into the next one."""
    max_failures: _Count = 10
    """Frames in a row that may fail before the loop calls itself unhealthy."""
    max_watchers: _Count = 8
    """Watchers of one camera at a time."""
