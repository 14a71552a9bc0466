"""How close one subject came to a probe."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """A subject of the gallery with the comparison score of its closest reference."""

    subject_id: str
    """The subject."""
    reference_id: str
    """Its reference that came closest."""
    score: float
    """Comparison score, -1..1, higher = more like the probe."""
