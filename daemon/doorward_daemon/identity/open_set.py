"""The open-set rule: whether the best subject of a search is the person, somebody unknown, or one of several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from annotated_types import Interval

from doorward_daemon.identity.subject_score import SubjectScore
from doorward_daemon.identity.threshold_curve import OPERATING_FMR, ThresholdCurve, fmr_for_fpir
from doorward_daemon.model.decision import DecisionRule, Outcome


class SearchCalibration(Protocol):
    """What the rule reads of a pack's calibration."""

    @property
    def thresholds_at_fmr(self) -> Sequence[tuple[float, float]]:
        """(false match rate, comparison score) pairs, rates falling, scores rising."""

    @property
    def margin(self) -> float:
        """Comparison score by which the best subject must lead the best other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSetSettings:
    """When a subject is named."""

    target_fpir: Annotated[float, Interval(gt=0.0, lt=1.0)] = 0.01
    """Share of searches by strangers that may name anybody; the threshold rises with the gallery to keep it."""
    threshold: Annotated[float, Interval(ge=-1.0, le=1.0)] | None = None
    """Comparison score needed in a search, whatever the gallery's size; unset reads it off the pack's calibration."""
    margin: Annotated[float, Interval(ge=0.0, le=2.0)] | None = None
    """Lead over the best other subject needed; unset takes the pack's own."""


@dataclass(frozen=True, slots=True)
class OpenSetDecision:
    """What the rule decided and the numbers it decided by."""

    outcome: Outcome
    """MATCHED, UNKNOWN or AMBIGUOUS."""
    rule: DecisionRule
    """Which part of the rule decided."""
    threshold: float
    """Comparison score needed."""
    margin_needed: float
    """Lead over the best other subject needed."""
    margin_found: float | None
    """Lead found; None where there is no other subject."""


class OpenSetRule:
    """Names a subject only where its score and its lead over every other subject are large enough.

    Args:
        calibration: thresholds and margin of the pack that made the scores.
        settings: what the operator asks for.

    Raises:
        ValueError: the calibration is no curve.
    """

    def __init__(self, calibration: SearchCalibration, settings: OpenSetSettings) -> None:
        self._curve = ThresholdCurve(calibration.thresholds_at_fmr)
        self._settings = settings
        self._margin = calibration.margin if settings.margin is None else settings.margin

    @property
    def verification_threshold(self) -> float:
        """Comparison score needed one to one (1:1): false match rate 1e-3, whatever is set for searches."""
        return self._curve.threshold_at(OPERATING_FMR)

    def threshold_for(self, gallery_subjects: int) -> float:
        """Comparison score needed in a search (1:N).

        Never below the threshold of the operating point, so that a small gallery is no easier than a verification.

        Args:
            gallery_subjects: subjects searched.
        """
        if self._settings.threshold is not None:
            return self._settings.threshold
        return self._curve.threshold_at(min(OPERATING_FMR, fmr_for_fpir(self._settings.target_fpir, gallery_subjects)))

    def decide(self, ranked: Sequence[SubjectScore], gallery_subjects: int) -> OpenSetDecision:
        """Decides about the result of one search.

        Args:
            ranked: scores of the closest subjects, in any order, at least the two best where there are two; several
                of one subject count as its best; scores that are no numbers count as absent.
            gallery_subjects: subjects searched.
        """
        threshold = self.threshold_for(gallery_subjects)
        scores = sorted(_best_per_subject(ranked).values(), reverse=True)
        found = scores[0] - scores[1] if len(scores) > 1 else None
        outcome, rule = self._judge(scores, found, threshold, gallery_subjects)
        return OpenSetDecision(outcome, rule, threshold, self._margin, found)

    def _judge(
        self, scores: Sequence[float], found: float | None, threshold: float, gallery_subjects: int
    ) -> tuple[Outcome, DecisionRule]:
        if not scores and gallery_subjects <= 0:
            return Outcome.UNKNOWN, DecisionRule.EMPTY_GALLERY
        if not scores or scores[0] < threshold:
            return Outcome.UNKNOWN, DecisionRule.BELOW_THRESHOLD
        # A lead over subjects whose scores are not there cannot be shown, and so is not there.
        alone = found is None and gallery_subjects <= 1
        if not alone and (found is None or found < self._margin):
            return Outcome.AMBIGUOUS, DecisionRule.BELOW_MARGIN
        return Outcome.MATCHED, DecisionRule.THRESHOLD_AND_MARGIN


def _best_per_subject(ranked: Sequence[SubjectScore]) -> dict[str, float]:
    best: dict[str, float] = {}
    for candidate in ranked:
        if math.isfinite(candidate.score):
            best[candidate.subject_id] = max(candidate.score, best.get(candidate.subject_id, -math.inf))
    return best
