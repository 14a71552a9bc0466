"""Judgements and identifications made of numbers, to test what a gate makes of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.decision import (
    Candidate,
    DecisionRule,
    DeviceTruth,
    Explanation,
    Identification,
    JudgedFace,
    Outcome,
)
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import ChallengeResult, LivenessAssessment, LivenessVerdict
from doorward_daemon.model.quality import QualityAssessment, QualityBand
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.recognition.face_judge import Judgement

_SCORES = {
    QualityBand.HIGH: 0.9,
    QualityBand.MEDIUM: 0.7,
    QualityBand.LOW: 0.5,
    QualityBand.REJECTED: 0.2,
}


def face_at(left: float, top: float, width: float, score: float = 0.9) -> Face:
    """A face whose box is as high as wide."""
    box = np.asarray([left, top, left + width, top + width], np.float32)
    return Face(box, np.zeros((5, 2), np.float32), score)


def template_at(angle_deg: float) -> Template:
    """A template of two numbers; the score of two is the cosine of the angle between them."""
    angle = np.radians(angle_deg)
    vector: NDArray[np.float32] = np.asarray([np.cos(angle), np.sin(angle)], np.float32)
    return Template(vector, "tests", "f32")


def liveness_of(verdict: LivenessVerdict, score: float | None = None, ratio: float = 1.0) -> LivenessAssessment:
    """An assessment with the score its verdict usually has."""
    usual = {LivenessVerdict.LIVE: 0.9, LivenessVerdict.SPOOF: 0.05, LivenessVerdict.UNSURE: 0.5}
    return LivenessAssessment(verdict, usual.get(verdict) if score is None else score, (ratio, ratio))


def judgement_of(
    band: QualityBand, angle_deg: float = 0.0, liveness: LivenessAssessment | None = None, quality: float | None = None
) -> Judgement:
    """A judged face of a band, with a template unless it was rejected."""
    assessment = QualityAssessment(_SCORES[band] if quality is None else quality, band, (), (), ())
    judged = JudgedFace(face_at(100, 100, 80), assessment, liveness or LivenessAssessment(LivenessVerdict.NOT_CHECKED))
    is_good = band in (QualityBand.HIGH, QualityBand.MEDIUM)
    embedding = Embedding(template_at(angle_deg), norm=10.0) if band is not QualityBand.REJECTED else None
    return Judgement(judged, embedding, None if is_good else DecisionRule.GATE)


def identification_of(
    outcome: Outcome = Outcome.MATCHED,
    verdict: LivenessVerdict = LivenessVerdict.LIVE,
    band: QualityBand | None = QualityBand.HIGH,
    challenge: ChallengeResult | None = None,
) -> Identification:
    """An identification of a made-up person."""
    quality = None if band is None else QualityAssessment(_SCORES[band], band, (), (), ())
    judged = JudgedFace(face_at(100, 100, 80), quality, replace(liveness_of(verdict), challenge=challenge))
    candidate = Candidate("subject-1", "Somebody", "reference-1", 0.7, 0.9)
    match = candidate if outcome is Outcome.MATCHED else None
    return Identification(outcome, match, (candidate,), judged, 1, _explanation())


def _explanation() -> Explanation:
    return Explanation(
        rule=DecisionRule.THRESHOLD_AND_MARGIN,
        gates_passed=("detect",),
        threshold=0.4,
        margin_needed=0.05,
        margin_found=None,
        target_fpir=0.01,
        gallery_subjects=1,
        gallery_revision=1,
        frames_used=2,
        pack="tests",
        embedding_id="tests",
        calibration="pack tests",
        models=(),
        device=DeviceTruth("tests", "1", "auto", "cpu", "f32", "f32"),
        stage_times=(),
    )
