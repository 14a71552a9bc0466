"""The open-set rule: whether the best subject of a search is the person, somebody unknown, or one of several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from annotated_types import Interval

from doorward_daemon.identity.gallery_size import GallerySize
from doorward_daemon.identity.subject_score import SubjectScore
from doorward_daemon.identity.threshold_curve import ThresholdCurve, fmr_for_fpir
from doorward_daemon.model.decision import DecisionRule, Outcome


class SearchCalibration(Protocol):
    """What the rule reads of a pack's calibration."""

    @property
    def thresholds_at_fmr(self) -> Sequence[tuple[float, float]]:
        """(false match rate, comparison score) pairs, rates falling, scores rising."""

    @property
    def margin(self) -> float:
        """Comparison score by which the best subject must lead the best other one."""

    @property
    def search_threshold(self) -> float:
        """Least comparison score at which a search names anybody, however small the gallery."""

    @property
    def verification_fmr(self) -> float:
        """False match rate of one comparison at the operating threshold (1:1)."""

    @property
    def target_fpir(self) -> float:
        """False positive identification rate a search aims at where the settings name none."""

    @property
    def crowding_normal(self) -> float:
        """Crowding up to which the thresholds hold; what a face has above it, they rise by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSetSettings:
    """When a subject is named."""

    target_fpir: Annotated[float, Interval(gt=0.0, lt=1.0)] | None = None
    """Share of searches by strangers that may name anybody; the threshold rises with the gallery to keep it. Unset
    takes the calibration's, one in a thousand for the packs."""
    threshold: Annotated[float, Interval(ge=-1.0, le=1.0)] | None = None
    """Comparison score needed in a search, whatever the gallery's size; unset reads it off the pack's calibration."""
    margin: Annotated[float, Interval(ge=0.0, le=2.0)] | None = None
    """Lead over the best other subject needed; unset takes the calibration's."""
    profile: str = ""
    """File of a calibration of this site (`doorwardd calibrate DIR`), relative to the home folder; empty takes
    calibration.toml there where it exists, else the pack's own calibration."""


@dataclass(frozen=True, slots=True)
class OpenSetDecision:
    """What the rule decided and the numbers it decided by."""

    outcome: Outcome
    """MATCHED, UNKNOWN or AMBIGUOUS."""
    rule: DecisionRule
    """Which part of the rule decided."""
    threshold: float
    """Comparison score the best subject needed: the gallery's, raised where the face resembles many people."""
    margin_needed: float
    """Lead over the best other subject needed."""
    margin_found: float | None
    """Lead found, over the best other subject or a "not this person" reference; None where there is neither."""
    subject_id: str = ""
    """The subject that is named; empty unless MATCHED."""


class OpenSetRule:
    """Names a subject only where its score and its lead over every other subject are large enough.

    A "not this person" reference of a subject counts as another subject that nobody is: a probe closer to it than to
    the subject's own references is not that subject (NOT_THIS_PERSON), one within the margin is ambiguous.

    Args:
        calibration: thresholds and margin of the pack that made the scores, or of a profile of this site.
        settings: what the operator asks for.

    Raises:
        ValueError: the calibration is no curve.
    """

    def __init__(self, calibration: SearchCalibration, settings: OpenSetSettings) -> None:
        self._curve = ThresholdCurve(calibration.thresholds_at_fmr)
        self._verification_threshold = self._curve.threshold_at(calibration.verification_fmr)
        self._least = max(calibration.search_threshold, self._verification_threshold)
        self._target_fpir = calibration.target_fpir if settings.target_fpir is None else settings.target_fpir
        self._crowding_normal = calibration.crowding_normal
        self._settings = settings
        self._margin = calibration.margin if settings.margin is None else settings.margin

    @property
    def verification_threshold(self) -> float:
        """Comparison score needed one to one (1:1), whatever is set for searches."""
        return self._verification_threshold

    @property
    def margin(self) -> float:
        """Lead over the best other subject needed in a search."""
        return self._margin

    @property
    def target_fpir(self) -> float:
        """False positive identification rate that searches aim at."""
        return self._target_fpir

    def threshold_for(self, size: GallerySize) -> float:
        """Comparison score that a face which resembles few people needs in a search (1:N).

        Never below the least one of the pack, so that a small gallery is no easier than a verification.

        Args:
            size: what is searched.
        """
        if self._settings.threshold is not None:
            return self._settings.threshold
        fmr = fmr_for_fpir(self._target_fpir, max(size.subjects, size.references))
        return max(self._least, self._curve.threshold_at(fmr))

    def decide(self, ranked: Sequence[SubjectScore], size: GallerySize) -> OpenSetDecision:
        """Decides about the result of one search.

        Args:
            ranked: scores of the closest subjects, in any order, at least the two best where there are two that are not
                ruled out by a "not this person" reference; several of one subject count as its best; scores that are no
                numbers count as absent.
            size: what was searched.
        """
        base = self.threshold_for(size)
        best = sorted(_best_per_subject(ranked).values(), key=lambda one: (-one.score, one.subject_id))
        free = [one for one in best if not _is_ruled_out(one)]
        ruled_out = [one for one in best if _is_ruled_out(one)]
        leader = free[0] if free else None
        found = _lead(free)
        if leader is None or leader.score < self._needed(base, leader):
            return self._unknown(base, best, ruled_out, found, size)
        needed = self._needed(base, leader)
        if ruled_out and ruled_out[0].score > leader.score:
            # Whoever is closest of all was said to be somebody else; that makes nobody of those who come after.
            return OpenSetDecision(Outcome.UNKNOWN, DecisionRule.NOT_THIS_PERSON, needed, self._margin, found)
        # A lead over subjects whose scores are not there cannot be shown, and so is not there; nor is one of nothing.
        alone = found is None and size.subjects <= 1 + len(ruled_out)
        if not alone and (found is None or found <= 0.0 or found < self._margin):
            return OpenSetDecision(Outcome.AMBIGUOUS, DecisionRule.BELOW_MARGIN, needed, self._margin, found)
        return OpenSetDecision(
            Outcome.MATCHED, DecisionRule.THRESHOLD_AND_MARGIN, needed, self._margin, found, leader.subject_id
        )

    def _unknown(
        self,
        base: float,
        best: Sequence[SubjectScore],
        ruled_out: Sequence[SubjectScore],
        found: float | None,
        size: GallerySize,
    ) -> OpenSetDecision:
        rule = DecisionRule.BELOW_THRESHOLD
        if not best and size.subjects <= 0:
            rule = DecisionRule.EMPTY_GALLERY
        elif any(one.score >= self._needed(base, one) for one in ruled_out):
            rule = DecisionRule.NOT_THIS_PERSON
        needed = self._needed(base, best[0]) if best else base
        return OpenSetDecision(Outcome.UNKNOWN, rule, needed, self._margin, found)

    def _needed(self, base: float, candidate: SubjectScore) -> float:
        # An operator's own threshold is taken as it stands.
        if self._settings.threshold is not None or not math.isfinite(candidate.crowding):
            return base
        return min(1.0, base + max(0.0, candidate.crowding - self._crowding_normal))


def _best_per_subject(ranked: Sequence[SubjectScore]) -> dict[str, SubjectScore]:
    best: dict[str, SubjectScore] = {}
    for candidate in ranked:
        if not math.isfinite(candidate.score):
            continue
        known = best.get(candidate.subject_id)
        if known is None or _order(candidate) > _order(known):
            best[candidate.subject_id] = candidate
    return best


def _order(candidate: SubjectScore) -> tuple[float, float]:
    # Of two equal scores of one subject the one that needs more counts, whatever their order.
    return candidate.score, candidate.crowding


def _is_ruled_out(candidate: SubjectScore) -> bool:
    # Written so that a negative score that is no number rules out.
    return candidate.negative_score is not None and not candidate.negative_score < candidate.score


def _lead(free: Sequence[SubjectScore]) -> float | None:
    if not free:
        return None
    rivals = [one.score for one in free[1:2]]
    if free[0].negative_score is not None:
        rivals.append(free[0].negative_score)
    return free[0].score - max(rivals) if rivals else None
