"""What may be enrolled."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

FLOOR_QUALITY_SCORE = 0.4
"""Quality score below which nothing is enrolled, whoever allows it: there the band is REJECTED in every pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentSettings:
    """What may be enrolled."""

    min_quality_score: Annotated[float, Interval(ge=FLOOR_QUALITY_SCORE, le=1.0)] = 0.6
    """Quality score a picture needs unless the caller allows a lower one; 0.4 is needed in any case."""
    max_references: Annotated[int, Interval(ge=1, le=100)] = 10
    """References a subject may have."""
    max_negative_references: Annotated[int, Interval(ge=0, le=100)] = 20
    """"Not this person" references a subject may have."""
    second_face_ratio: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.6
    """Size of another face, over that of the largest one, from which it is unclear who is to be enrolled."""
