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
    crowding: float = -1.0
    """How many people probe and reference resemble, the mean of both, -1..1; -1 where the pack has no cohort."""
    negative_score: float | None = None
    """Comparison score of the closest "not this person" reference of the subject; None where it has none."""
