"""Judges one face of a picture: pre-gate, liveness, embedding, gate."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward_daemon.model.decision import DecisionRule, JudgedFace
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import NOT_CHECKED, LivenessAssessment, LivenessPolicy, LivenessVerdict
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityAssessment, QualityBand
from doorward_daemon.model.template import Embedding
from doorward_daemon.recognition.gate.quality_gate import QualityGate
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.vision.alignment import ARCFACE_112, AlignedFace, Aligner
from doorward_daemon.vision.embedding import Embedder
from doorward_daemon.vision.liveness import LivenessChecker
from doorward_daemon.vision.quality import measure_components


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Everything that was found out about one face."""

    judged: JudgedFace
    """The face with its assessments."""
    embedding: Embedding | None
    """Its embedding; None where a gate refused it before."""
    refused_by: DecisionRule | None
    """PRE_GATE, MASK_POLICY, GATE or LIVENESS; None for a face that may be compared."""


class FaceJudge:
    """Runs the gates on single faces. Thread-safe: holds no state of its own.

    Args:
        aligner: makes the crop of the pack's embedder.
        embedder: turns that crop into a template.
        gate: the quality gate of the pack.
        liveness: None for a pack without liveness models.
        policy: what is asked of liveness.
    """

    def __init__(
        self,
        aligner: Aligner,
        embedder: Embedder,
        gate: QualityGate,
        liveness: LivenessChecker | None,
        policy: LivenessPolicy,
    ) -> None:
        self._aligner = aligner
        self._embedder = embedder
        self._gate = gate
        self._liveness = liveness
        self._policy = policy
        self._quality_aligner = Aligner(ARCFACE_112)
        # One warp serves both where the pack aligns to the ArcFace template anyway.
        self._same_crop = aligner.alignment == ARCFACE_112

    def judge(
        self,
        picture: Picture,
        face: Face,
        others: Sequence[Face],
        clock: StageClock,
        *,
        embed_always: bool = False,
    ) -> Judgement:
        """Judges one face.

        Args:
            picture: the picture it was found in.
            face: the face.
            others: the other faces of that picture.
            clock: gets the time of each stage.
            embed_always: embeds even what a gate refused, for answers that report the untrusted score.
        """
        with clock.stage("pre_gate"):
            crop = self._quality_aligner.align(picture.bgr_hwc, face.landmarks_px)
            components = measure_components(picture, face, crop, others)
            refusal = self._gate.pre_gate(components, face)
        if refusal is not None and not embed_always:
            return Judgement(JudgedFace(face, refusal), None, DecisionRule.PRE_GATE)
        liveness = self._check_liveness(picture, face, clock)
        # A face that liveness refuses is embedded all the same: liveness is believed only on a face worth judging, and
        # whether it is one is known after the embedding. A blurred person is asked to hold still, not called a spoof.
        embedding = self._embed(picture, face, crop, clock)
        with clock.stage("gate"):
            quality = refusal or self._gate.assess(components, face, embedding)
        return Judgement(JudgedFace(face, quality, liveness), embedding, self._refusal(refusal, liveness, quality))

    def _check_liveness(self, picture: Picture, face: Face, clock: StageClock) -> LivenessAssessment:
        if self._liveness is None or self._policy is LivenessPolicy.OFF:
            return NOT_CHECKED
        with clock.stage("liveness"):
            return self._liveness.assess(picture.bgr_hwc, face)

    def _is_refused(self, liveness: LivenessAssessment) -> bool:
        if self._policy is LivenessPolicy.REQUIRED:
            return liveness.verdict is not LivenessVerdict.LIVE
        return self._policy is LivenessPolicy.PREFERRED and liveness.verdict is LivenessVerdict.SPOOF

    def _embed(self, picture: Picture, face: Face, quality_crop: AlignedFace, clock: StageClock) -> Embedding:
        with clock.stage("align"):
            crop = quality_crop if self._same_crop else self._aligner.align(picture.bgr_hwc, face.landmarks_px)
        with clock.stage("embed"):
            return self._embedder.embed(crop)

    def _refusal(
        self, refusal: QualityAssessment | None, liveness: LivenessAssessment, quality: QualityAssessment
    ) -> DecisionRule | None:
        if refusal is not None:
            return DecisionRule.PRE_GATE
        # Still pictures decide in bands high and medium only (one frame, no second look).
        if quality.band not in (QualityBand.HIGH, QualityBand.MEDIUM):
            return DecisionRule.MASK_POLICY if self._gate.refuses_mask(quality) else DecisionRule.GATE
        return DecisionRule.LIVENESS if self._is_refused(liveness) else None
