"""The gate of a pack: judges a face before and after it is embedded."""

from collections.abc import Sequence

from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import MaskPolicy, QualityAssessment, QualityBand, QualityComponent, QualityReason
from doorward_daemon.model.template import Embedding
from doorward_daemon.packs.manifest import Calibration
from doorward_daemon.recognition.gate.advice import advise, order_reasons
from doorward_daemon.recognition.gate.combined_score import CombinedScore
from doorward_daemon.recognition.gate.covering import capped, covering_components, find_covering, is_spoken_of
from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.learned_score import LearnedScore
from doorward_daemon.recognition.gate.pre_gate import find_refusals
from doorward_daemon.recognition.gate.quality_score import QualityScore
from doorward_daemon.recognition.gate.settings import GateSettings
from doorward_daemon.vision.quality import ComponentName

# A second face of 0.6 of this one's size has 0.36 of its area.
_SECOND_FACE_AREA = 0.36


class QualityGate:
    """Judges faces. Thread-safe: holds nothing but constants.

    Args:
        calibration: of the pack that embeds.
        settings: bands and limits.
        score: rates faces; None takes the pack's own score, and the combined one where a pack has none.
    """

    def __init__(self, calibration: Calibration, settings: GateSettings, score: QualityScore | None = None) -> None:
        self._settings = settings
        self._score: QualityScore = score or LearnedScore(CombinedScore(calibration))

    def pre_gate(self, components: Sequence[QualityComponent], face: Face) -> QualityAssessment | None:
        """Refuses a face that is not worth embedding.

        Args:
            components: what was measured.
            face: the face.

        Returns:
            An assessment in band REJECTED, or None where the face may be embedded. Numbers that are not finite are
            refused, never raised.
        """
        evidence = FaceEvidence.collect(components, face, None)
        if evidence is None:
            return _not_a_face(components)
        refusals = find_refusals(evidence, self._settings)
        if not refusals:
            return None
        scored = self._score.rate(evidence)
        reasons = order_reasons(scored.deductions, must_complain=False, refusals=refusals)
        # Whatever the score says of the rest: refused is refused, and the number must not look like a band above.
        score = min(scored.score, self._settings.low_from / 2)
        return QualityAssessment(score, QualityBand.REJECTED, reasons, advise(reasons), tuple(components))

    def assess(
        self, components: Sequence[QualityComponent], face: Face, embedding: Embedding | None
    ) -> QualityAssessment:
        """Judges a face that passed the pre-gate.

        Args:
            components: what was measured.
            face: the face.
            embedding: what it became; None where it was not embedded, the score is then without that evidence.
        """
        evidence = FaceEvidence.collect(components, face, embedding)
        if evidence is None:
            return _not_a_face(components)
        scored = self._score.rate(evidence)
        covering = find_covering(evidence, self._settings)
        score = capped(scored.score, covering, self._settings)
        band = self.band(score)
        # A mask that is allowed and does no harm is on record, but nobody is told to take it off.
        seen = () if covering is None else (covering,)
        noted = tuple(reason for reason in seen if not is_spoken_of(reason, band, self._settings))
        complaints = order_reasons(
            [deduction for deduction in scored.deductions if deduction.reason not in noted],
            must_complain=band is not QualityBand.HIGH,
            refusals=[reason for reason in seen if reason not in noted],
        )
        spoken = (*complaints, *_several_faces(evidence))
        measured = (*components, *covering_components(evidence))
        return QualityAssessment(score, band, (*spoken, *noted), advise(spoken), measured)

    def refuses_mask(self, quality: QualityAssessment) -> bool:
        """Whether the mask policy alone keeps a face from being compared.

        Args:
            quality: what assess() answered.
        """
        return self._settings.mask is MaskPolicy.HARD and QualityReason.MASK in quality.reasons

    def band(self, score: float) -> QualityBand:
        """The band of a score.

        Args:
            score: 0..1; NaN is rejected.
        """
        if score >= self._settings.high_from:
            return QualityBand.HIGH
        if score >= self._settings.medium_from:
            return QualityBand.MEDIUM
        return QualityBand.LOW if score >= self._settings.low_from else QualityBand.REJECTED


def _several_faces(evidence: FaceEvidence) -> tuple[QualityReason, ...]:
    # A reason without a cost: it says nothing of this face, doors decide what it means.
    share = evidence.value(ComponentName.SINGLE_FACE_PRESENT)
    return (QualityReason.SEVERAL_FACES,) if share is not None and share >= _SECOND_FACE_AREA else ()


def _not_a_face(components: Sequence[QualityComponent]) -> QualityAssessment:
    reasons = (QualityReason.DOUBTFUL_FACE,)
    return QualityAssessment(0.0, QualityBand.REJECTED, reasons, advise(reasons), tuple(components))
