"""Verification (1:1): whether a picture shows the same subject as another picture or an enrolled subject."""

from dataclasses import dataclass

import numpy as np

from doorward_daemon.gallery import SearchIndex
from doorward_daemon.identity import OpenSetDecision, OpenSetRule, similarity
from doorward_daemon.model.decision import (
    DecisionRule,
    JudgedFace,
    Outcome,
    SideAdvice,
    StageTime,
    Verification,
    VerificationOutcome,
    VerificationSide,
)
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.recognition.explainer import Explainer, Findings, SearchedGallery
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.recognition.gate.detail import guidance_of, lacks_detail, reasons_of


@dataclass(frozen=True, slots=True, eq=False)
class EnrolledSide:
    """An enrolled subject as the second side of a verification."""

    subject_id: str
    """The subject."""
    index: SearchIndex
    """The gallery that holds its references."""
    quality_score: float
    """Quality of its best reference, 0..1."""


_NO_FACE = (False, -1.0)
"""Poorer than any face."""


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What is compared: a probe, and either the face of a second picture or an enrolled subject."""

    probe: Judgement | None
    """Largest face of the probe; None where it shows none."""
    other: Judgement | None
    """Largest face of the second picture; None where it shows none, or where a subject is the second side."""
    enrolled: EnrolledSide | None
    """The enrolled subject; None where a picture is the second side."""

    def without_face(self) -> tuple[VerificationSide, ...]:
        """The pictures that show no face."""
        return tuple(side for side, judgement in self._pictures() if judgement is None)

    def rejected(self) -> tuple[VerificationSide, ...]:
        """The pictures whose face is in band rejected (below 0.4) or lacks detail: a score is not to be trusted."""
        return tuple(side for side, judgement in self._pictures() if judgement is not None and _is_rejected(judgement))

    def score(self) -> float | None:
        """The comparison score, -1..1; None where a side has no template."""
        if self.probe is None or self.probe.embedding is None:
            return None
        vector = self.probe.embedding.template.vector
        if self.enrolled is not None:
            return self.enrolled.index.score_of(self.enrolled.subject_id, vector)
        if self.other is None or self.other.embedding is None:
            return None
        return float(np.dot(vector, self.other.embedding.template.vector))

    def judged(self) -> JudgedFace | None:
        """The face the answer is about: of the poorest picture that shows one."""
        shown = [judgement for _, judgement in self._pictures() if judgement is not None]
        return min(shown, key=_poorness).judged if shown else None

    def refused_by(self) -> DecisionRule:
        """What refused the poorest picture."""
        refused = [judgement for _, judgement in self._pictures() if judgement is not None and _is_rejected(judgement)]
        poorest = min(refused, key=_poorness)
        return poorest.refused_by or DecisionRule.GATE

    def advice(self) -> tuple[SideAdvice, ...]:
        """What would help, per picture that is not in band high; the poorest first."""
        wanting = [
            (side, judgement)
            for side, judgement in self._pictures()
            if judgement is None or not _is_high(judgement) or _is_rejected(judgement)
        ]
        wanting.sort(key=lambda picture: _NO_FACE if picture[1] is None else _poorness(picture[1]))
        return tuple(_advice_for(side, judgement) for side, judgement in wanting)

    def _pictures(self) -> list[tuple[VerificationSide, Judgement | None]]:
        pictures = [(VerificationSide.PROBE, self.probe)]
        if self.enrolled is None:
            pictures.append((VerificationSide.REFERENCE, self.other))
        return pictures


class Verifier:
    """Decides verifications.

    Args:
        rule: gives the threshold.
        similarity_slope: slope of the calibrated similarity.
        explainer: writes explanations.
    """

    def __init__(self, rule: OpenSetRule, similarity_slope: float, explainer: Explainer) -> None:
        self._threshold = rule.verification_threshold
        self._slope = similarity_slope
        self._explainer = explainer

    def decide(self, sides: Sides, searched: SearchedGallery, times: tuple[StageTime, ...]) -> Verification:
        """Weighs both sides and compares them.

        Args:
            sides: what is compared.
            searched: the gallery in force.
            times: time per stage.
        """
        score = sides.score()
        outcome, rule = self._outcome(sides, score)
        # One to one: the threshold alone decides, there is no other subject to keep a margin to.
        decision = OpenSetDecision(Outcome.UNKNOWN, rule, self._threshold, 0.0, None)
        alike = None if score is None else similarity(score, self._threshold, self._slope)
        found = Findings(sides.judged(), score, alike)
        return Verification(
            outcome=outcome,
            comparison_score=score,
            similarity=alike,
            trusted=outcome in (VerificationOutcome.MATCHED, VerificationOutcome.NOT_MATCHED),
            poor_sides=sides.without_face() or sides.rejected(),
            probe=None if sides.probe is None else sides.probe.judged,
            reference=None if sides.other is None else sides.other.judged,
            explanation=self._explainer.explain(rule, decision, searched, times, found),
            advice=sides.advice(),
            reference_quality=None if sides.enrolled is None else sides.enrolled.quality_score,
        )

    def _outcome(self, sides: Sides, score: float | None) -> tuple[VerificationOutcome, DecisionRule]:
        if sides.without_face() or score is None:
            return VerificationOutcome.NO_FACE, DecisionRule.NO_FACE_FOUND
        if sides.probe is not None and sides.probe.refused_by is DecisionRule.LIVENESS:
            return VerificationOutcome.SPOOF, DecisionRule.LIVENESS
        if sides.rejected():
            return VerificationOutcome.LOW_QUALITY, sides.refused_by()
        if score >= self._threshold:
            return VerificationOutcome.MATCHED, DecisionRule.THRESHOLD_AND_MARGIN
        return VerificationOutcome.NOT_MATCHED, DecisionRule.BELOW_THRESHOLD


def _is_rejected(judgement: Judgement) -> bool:
    quality = judgement.judged.quality
    return quality is not None and (quality.band is QualityBand.REJECTED or lacks_detail(quality))


def _is_high(judgement: Judgement) -> bool:
    quality = judgement.judged.quality
    return quality is not None and quality.band is QualityBand.HIGH


def _poorness(judgement: Judgement) -> tuple[bool, float]:
    """Sorts the poorest first: what is not to be trusted, whatever its score, then by score."""
    quality = judgement.judged.quality
    return not _is_rejected(judgement), 0.0 if quality is None else quality.score


def _advice_for(side: VerificationSide, judgement: Judgement | None) -> SideAdvice:
    if judgement is None or judgement.judged.quality is None:
        return SideAdvice(side, (), ())
    quality = judgement.judged.quality
    return SideAdvice(side, reasons_of(quality), guidance_of(quality))
