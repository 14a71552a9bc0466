"""Result of presentation attack detection (ISO/IEC 30107-3)."""

from dataclasses import dataclass
from enum import StrEnum


class LivenessVerdict(StrEnum):
    """Whether a living person stands there."""

    LIVE = "LIVE"
    SPOOF = "SPOOF"
    UNSURE = "UNSURE"
    NOT_CHECKED = "NOT_CHECKED"


class LivenessPolicy(StrEnum):
    """What a door or a listener asks of liveness."""

    REQUIRED = "required"
    """Only LIVE passes."""
    PREFERRED = "preferred"
    """SPOOF is denied; UNSURE and NOT_CHECKED pass, flagged."""
    OFF = "off"
    """Not asked."""


@dataclass(frozen=True, slots=True)
class LivenessAssessment:
    """What liveness thinks of one face."""

    verdict: LivenessVerdict
    """The verdict."""
    score: float | None = None
    """0..1, higher is more like a living person; None where not checked."""
    effective_scale_ratios: tuple[float, ...] = ()
    """Per model: crop scale that was possible over the trained one, 0..1; falls below 1 near the border."""


NOT_CHECKED = LivenessAssessment(LivenessVerdict.NOT_CHECKED)
"""The answer of a pack without liveness models."""
