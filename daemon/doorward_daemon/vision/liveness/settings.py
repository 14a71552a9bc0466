"""What an operator can say about liveness."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessSettings:
    """When a face counts as a living person's."""

    live_threshold: Annotated[float, Interval(ge=0, le=1)] = 0.6
    """Liveness score from which a face is LIVE, 0..1."""
    spoof_threshold: Annotated[float, Interval(ge=0, le=1)] = 0.4
    """Liveness score up to which a face is SPOOF, 0..1; between the two it is UNSURE."""
    min_scale_ratio: Annotated[float, Interval(ge=0, le=1)] = 0.6
    """Share of the trained surroundings every model must see to be believed, 0..1.

    With less the verdict is UNSURE, or SPOOF where the score is at most a quarter of `spoof_threshold`.
    """

    def __post_init__(self) -> None:
        """Raises ValueError where no score could be UNSURE."""
        if self.spoof_threshold >= self.live_threshold:
            raise ValueError(
                f"spoof_threshold: expected below live_threshold {self.live_threshold}, found {self.spoof_threshold}"
            )
