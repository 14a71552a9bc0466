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
    MASK = "MASK"
    PROFILE = "PROFILE"
    DRAWING = "DRAWING"
    RECAPTURE = "RECAPTURE"
    ELASTIC = "ELASTIC"
    HAZE = "HAZE"
    NEGATIVE = "NEGATIVE"
    SIDE_SHADOW = "SIDE_SHADOW"
    MISALIGNMENT = "MISALIGNMENT"
    """The detector points beside the face: the picture stays, the landmarks move."""
    NON_FACE = "NON_FACE"
    """The detector points at something that is no face: the picture stays, the landmarks lie on its surroundings."""


CAMERA_FAULTS = (
    DegradationKind.DEFOCUS,
    DegradationKind.MOTION_BLUR,
    DegradationKind.LOW_LIGHT,
    DegradationKind.OVER_EXPOSURE,
    DegradationKind.NOISE,
    DegradationKind.LOW_RESOLUTION,
    DegradationKind.COMPRESSION,
    DegradationKind.OCCLUSION,
)
"""Kinds that the norm of an embedding is calibrated on."""
MISPLACED = (DegradationKind.MISALIGNMENT, DegradationKind.NON_FACE)
"""Kinds that move the landmarks (`misplace`); all others change pixels (`spoil`)."""
REFUSED = (DegradationKind.MASK, DegradationKind.DRAWING, DegradationKind.NON_FACE)
"""Kinds the gate is to refuse whatever the embedding keeps: a mask, a drawing, a thing."""


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
