"""Complete answers of recognition with every field filled, as a healthy pipeline would give them."""

from datetime import UTC, datetime

import numpy as np

from doorward_daemon.model.decision import (
    Candidate,
    DecisionRule,
    DeviceTruth,
    Explanation,
    Feature,
    Identification,
    JudgedFace,
    ModelUse,
    Outcome,
    SideAdvice,
    StageTime,
    Verification,
    VerificationOutcome,
    VerificationSide,
)
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment, LivenessPolicy, LivenessVerdict
from doorward_daemon.model.quality import (
    Guidance,
    MaskPolicy,
    QualityAssessment,
    QualityBand,
    QualityComponent,
    QualityReason,
)
from doorward_daemon.model.self_test import SelfTestCheck, SelfTestReport

MOMENT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
"""The moment of every answer."""

TRUTH = DeviceTruth("openvino", "2025.2", "auto", "cpu", "f32", "f32", "no GPU on this box")
"""Where the models ran."""

CANDIDATE = Candidate("ada", "Ada Lovelace", "reference-1", 0.71, 0.93)
"""The subject that came closest."""


def judged_face() -> JudgedFace:
    """A face with quality and liveness."""
    landmarks = np.array([[40, 50], [80, 50], [60, 70], [45, 90], [75, 90]], np.float32)
    quality = QualityAssessment(
        score=0.83,
        band=QualityBand.HIGH,
        reasons=(QualityReason.YAW, QualityReason.BLUR),
        guidance=(Guidance.LOOK_AT_THE_CAMERA, Guidance.HOLD_STILL),
        components=(QualityComponent("Sharpness", "doorward.laplacian.1", 12.5, 77),),
    )
    face = Face(np.array([20, 30, 100, 120], np.float32), landmarks, 0.97)
    return JudgedFace(face, quality, LivenessAssessment(LivenessVerdict.LIVE, 0.91, (1.0, 0.8)))


def explanation(rule: DecisionRule = DecisionRule.THRESHOLD_AND_MARGIN) -> Explanation:
    """Why a decision came out as it did."""
    return Explanation(
        rule=rule,
        gates_passed=("detect", "pre_gate"),
        threshold=0.42,
        margin_needed=0.05,
        margin_found=0.2,
        target_fpir=0.01,
        gallery_subjects=3,
        gallery_revision=9,
        frames_used=1,
        pack="compact",
        embedding_id="compact-1a2b",
        calibration="pack compact",
        models=(ModelUse("yunet", "ab" * 32),),
        device=TRUTH,
        stage_times=(StageTime("decode", 1.25), StageTime("detect", 6.5)),
        comparison_score=0.71,
        similarity=0.93,
        quality_score=0.83,
        quality_band=QualityBand.HIGH,
        liveness=LivenessAssessment(LivenessVerdict.LIVE, 0.91, (1.0, 0.8)),
        liveness_policy=LivenessPolicy.REQUIRED,
        mask_policy=MaskPolicy.SOFT,
        follows_track=6,
    )


def identification(max_candidates: int = 3) -> Identification:
    """Somebody is recognised."""
    return Identification(Outcome.MATCHED, CANDIDATE, (CANDIDATE,)[:max_candidates], judged_face(), 2, explanation())


def verification() -> Verification:
    """A comparison of two pictures of which the reference is poor."""
    return Verification(
        VerificationOutcome.LOW_QUALITY,
        0.31,
        0.22,
        False,
        (VerificationSide.REFERENCE,),
        judged_face(),
        judged_face(),
        explanation(DecisionRule.GATE),
        (SideAdvice(VerificationSide.REFERENCE, (QualityReason.BLUR,), (Guidance.HOLD_STILL,)),),
        0.87,
    )


def feature() -> Feature:
    """The feature of a face."""
    return Feature(judged_face(), (0.6, 0.8), "compact-1a2b", "f32", 640, 480, 2)


def self_test_report(*, passed: bool = True) -> SelfTestReport:
    """A run of the self-test."""
    return SelfTestReport((SelfTestCheck("boxes", passed, "off by 0.01 px"),), MOMENT, 31.5)
