"""What a door asks before it opens."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from doorward_daemon.model.liveness import ChallengePolicy, LivenessPolicy
from doorward_daemon.model.quality import MaskPolicy

_Share = Annotated[float, Interval(ge=0.0, le=1.0)]

SlowDiskPolicy = Literal["fail_secure", "open_and_count"]
"""What happens where the disk does not answer in time: the door stays shut, or opens and is counted afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPolicy:
    """Policy of one door."""

    liveness: LivenessPolicy = LivenessPolicy.PREFERRED
    """required: only LIVE passes; preferred: SPOOF is denied, the rest passes flagged; off: not asked."""
    challenge: ChallengePolicy = ChallengePolicy.OFF
    """What a recognised person is asked to do before the door opens; it stays shut until that is done."""
    mask: MaskPolicy = MaskPolicy.SOFT
    """off: masks do not matter, the quality alone decides; soft: asked to take it off, never in band high (two looks,
    flagged for audit); hard: never compared, LOW_QUALITY with reason MASK. Packs that see no masks ask nothing."""
    high_from: _Share | None = None
    """This door's quality score of band high; all three bands or none, unset takes those of `[gate]`."""
    medium_from: _Share | None = None
    """This door's quality score of band medium."""
    low_from: _Share | None = None
    """This door's quality score of band low."""
    one_person_at_a_time: bool = False
    """Denies with MULTIPLE_FACES while a second person of at least 0.6 of the nearest one's size stands in view."""
    deadline_ms: Annotated[int, Interval(ge=50, le=10_000)] = 1000
    """A decision older than this, from the capture of the frame that completed its evidence, opens nothing."""
    unlock_s: Annotated[float, Interval(ge=0.1, le=60.0)] = 3.0
    """How long the door stays unlocked, seconds."""
    on_slow_disk: SlowDiskPolicy = "fail_secure"
    """What happens where the record is not on disk within `disk_wait_ms`."""
    disk_wait_ms: Annotated[int, Interval(ge=10, le=5000)] = 250
    """Longest wait for the record before the door, milliseconds."""

    def __post_init__(self) -> None:
        """Raises ValueError where some bands are set and others not, or where they are not in order."""
        bands = self.high_from, self.medium_from, self.low_from
        if bands == (None, None, None):
            return
        if self.high_from is None or self.medium_from is None or self.low_from is None:
            raise ValueError(f"high_from, medium_from, low_from: expected all three or none, found {bands}")
        if not self.high_from >= self.medium_from >= self.low_from:
            raise ValueError(f"high_from, medium_from, low_from: expected falling limits, found {bands}")
