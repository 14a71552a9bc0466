"""What a door asks before it opens."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from doorward_daemon.model.liveness import ChallengePolicy, LivenessPolicy

SlowDiskPolicy = Literal["fail_secure", "open_and_count"]
"""What happens where the disk does not answer in time: the door stays shut, or opens and is counted afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPolicy:
    """Policy of one door."""

    liveness: LivenessPolicy = LivenessPolicy.PREFERRED
    """required: only LIVE passes; preferred: SPOOF is denied, the rest passes flagged; off: not asked."""
    challenge: ChallengePolicy = ChallengePolicy.OFF
    """What a recognised person is asked to do before the door opens; it stays shut until that is done."""
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
