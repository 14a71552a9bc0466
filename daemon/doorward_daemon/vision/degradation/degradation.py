"""What can go wrong with a picture of a face, how strongly, and which of the many ways."""

from dataclasses import dataclass
from enum import StrEnum


class DegradationKind(StrEnum):
    """The ways a picture is spoiled."""

    DEFOCUS = "DEFOCUS"
    MOTION_BLUR = "MOTION_BLUR"
    LOW_LIGHT = "LOW_LIGHT"
    OVER_EXPOSURE = "OVER_EXPOSURE"
    NOISE = "NOISE"
    LOW_RESOLUTION = "LOW_RESOLUTION"
    COMPRESSION = "COMPRESSION"
    OCCLUSION = "OCCLUSION"


@dataclass(frozen=True, slots=True)
class Degradation:
    """One way of spoiling a picture; the same value always gives the same pixels."""

    kind: DegradationKind
    """What goes wrong."""
    severity: float
    """How strongly, 0..1: 0 leaves a face that everyone knows, 1 one that nobody does."""
    seed: int = 0
    """Which of the many ways: direction of the movement, grain of the noise, place of the cover."""

    def __post_init__(self) -> None:
        """Raises ValueError on a severity outside 0..1 or a negative seed."""
        if not 0.0 <= self.severity <= 1.0 or self.seed < 0:
            raise ValueError(
                f"degradation: expected severity 0..1 and seed >= 0, found {self.severity} and {self.seed}"
            )
