"""The seam of the quality score: what a score is asked and what it answers."""

from dataclasses import dataclass
from typing import Protocol

from doorward_daemon.model.quality import QualityReason
from doorward_daemon.recognition.gate.evidence import FaceEvidence


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one complaint costs."""

    reason: QualityReason
    """The complaint."""
    points: float
    """Its cost on the logistic scale of the score, >= 0; higher = matters more."""


@dataclass(frozen=True, slots=True)
class ScoredFace:
    """A score with everything that lowered it."""

    score: float
    """Quality score, 0..1, higher is better."""
    deductions: tuple[Deduction, ...]
    """What lowered it, in no order."""


class QualityScore(Protocol):
    """Turns evidence into a score; a learned score of a pack takes this place."""

    def rate(self, evidence: FaceEvidence) -> ScoredFace:
        """Rates one face; monotone in every piece of evidence, never raises.

        Args:
            evidence: what is known.
        """
        ...
