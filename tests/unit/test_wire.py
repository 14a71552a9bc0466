"""Values and messages say the same: enums have the same members, and nothing is lost on the way."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from doorward_api.v1 import decision_pb2, device_pb2, liveness_pb2, quality_pb2
from doorward_daemon.model.decision import DecisionRule, JudgedFace, Outcome, VerificationOutcome, VerificationSide
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import (
    NOT_CHECKED,
    ChallengeFailure,
    ChallengeResult,
    ChallengeState,
    ChallengeStep,
    LivenessAssessment,
    LivenessCue,
    LivenessReason,
    LivenessVerdict,
)
from doorward_daemon.model.quality import Guidance, QualityBand, QualityReason
from doorward_daemon.model.subject import Reference, Subject
from doorward_daemon.rpc.device import DeviceState, DeviceStatus, PackEntry
from doorward_daemon.rpc.wire_decision import wire_identification, wire_verification
from doorward_daemon.rpc.wire_device import wire_pack, wire_status
from doorward_daemon.rpc.wire_face import wire_face, wire_liveness, wire_quality
from doorward_daemon.rpc.wire_subject import wire_subject
from doorward_daemon.rpc.wire_time import wire_duration, wire_enum, wire_timestamp
from doorward_testing import answers
from doorward_testing.rpc_rooms import small_manifest

ENUMS = [
    (Outcome, decision_pb2.Outcome, "OUTCOME_"),
    (VerificationOutcome, decision_pb2.VerificationOutcome, "VERIFICATION_OUTCOME_"),
    (VerificationSide, decision_pb2.VerificationSide, "VERIFICATION_SIDE_"),
    (DecisionRule, decision_pb2.DecisionRule, "DECISION_RULE_"),
    (LivenessVerdict, liveness_pb2.LivenessVerdict, "LIVENESS_VERDICT_"),
    (LivenessReason, liveness_pb2.LivenessReason, "LIVENESS_REASON_"),
    (ChallengeStep, liveness_pb2.ChallengeStep, "CHALLENGE_STEP_"),
    (ChallengeState, liveness_pb2.ChallengeState, "CHALLENGE_STATE_"),
    (ChallengeFailure, liveness_pb2.ChallengeFailure, "CHALLENGE_FAILURE_"),
    (QualityBand, quality_pb2.QualityBand, "QUALITY_BAND_"),
    (QualityReason, quality_pb2.QualityReason, "QUALITY_REASON_"),
    (Guidance, quality_pb2.Guidance, "GUIDANCE_"),
    (DeviceState, device_pb2.DeviceState, "DEVICE_STATE_"),
]


@pytest.mark.parametrize(("ours", "wire", "prefix"), ENUMS, ids=[ours.__name__ for ours, _, _ in ENUMS])
def test_an_enum_has_the_members_of_the_contracts(ours, wire, prefix):
    names = {name.removeprefix(prefix) for name in wire.keys()} - {"UNSPECIFIED"}  # noqa: SIM118
    assert {member.value for member in ours} == names
    for member in ours:
        assert wire.Name(wire_enum(wire.Value, prefix, member)) == prefix + member.value


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        wire_timestamp(datetime(2026, 3, 1))  # noqa: DTZ001


def test_moments_keep_their_microseconds_and_spans_their_nanoseconds():
    moment = datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)
    assert wire_timestamp(moment).ToDatetime(UTC) == moment
    assert wire_duration(0.001_250_001).ToNanoseconds() == 1_250_001


def test_a_face_keeps_its_box_and_each_landmark_its_name():
    face = wire_face(answers.judged_face())
    assert (face.box.left_px, face.box.top_px, face.box.right_px, face.box.bottom_px) == (20, 30, 100, 120)
    assert (face.landmarks.right_eye.x_px, face.landmarks.right_eye.y_px) == (40, 50)
    assert (face.landmarks.left_mouth_corner.x_px, face.landmarks.left_mouth_corner.y_px) == (75, 90)
    assert face.detection_score == pytest.approx(0.97)


def test_a_face_that_was_not_judged_has_no_quality_and_no_liveness_score():
    bare = Face(np.zeros(4, np.float32), np.zeros((5, 2), np.float32), 0.0)
    face = wire_face(JudgedFace(bare, None, NOT_CHECKED))
    assert not face.HasField("quality")
    assert face.HasField("detection_score"), "a score of 0 is told, it is not an absent one"
    assert face.liveness.verdict == liveness_pb2.LIVENESS_VERDICT_NOT_CHECKED
    assert not face.liveness.HasField("score")


def test_reasons_and_guidance_keep_their_order():
    quality = answers.judged_face().quality
    assert quality is not None
    assert list(wire_quality(quality).reasons) == [
        quality_pb2.QUALITY_REASON_YAW,
        quality_pb2.QUALITY_REASON_BLUR,
    ]
    assert wire_quality(quality).guidance[0] == quality_pb2.GUIDANCE_LOOK_AT_THE_CAMERA


def test_an_identification_without_a_face_has_no_face_and_no_margin():
    nothing = replace(
        answers.identification(),
        outcome=Outcome.NO_FACE,
        match=None,
        candidates=(),
        judged=None,
        face_count=0,
        explanation=replace(answers.explanation(DecisionRule.NO_FACE_FOUND), margin_found=None),
    )
    message = wire_identification(nothing)
    assert message.outcome == decision_pb2.OUTCOME_NO_FACE
    assert not message.HasField("face")
    assert not message.HasField("match")
    assert not message.explanation.HasField("margin_found")


def test_an_explanation_tells_models_device_and_times():
    why = wire_identification(answers.identification()).explanation
    assert why.models[0].sha256 == "ab" * 32
    assert (why.runtime, why.requested_device, why.actual_device, why.precision) == ("openvino", "auto", "cpu", "f32")
    assert [(time.stage, time.duration.ToNanoseconds()) for time in why.stage_times] == [
        ("decode", 1_250_000),
        ("detect", 6_500_000),
    ]


def test_an_explanation_is_one_message_with_all_that_decided():
    """What DESIGN asks of it: gates, scores, margin, frames, liveness, rule, hashes, precision and device, times."""
    told = wire_identification(answers.identification()).explanation
    unset = [field.name for field in told.DESCRIPTOR.fields if field.name not in {f.name for f, _ in told.ListFields()}]
    assert unset == []
    assert told.liveness.score == pytest.approx(0.91)
    assert (told.liveness_policy, told.mask_policy) == ("required", "soft")
    assert told.quality_band == quality_pb2.QUALITY_BAND_HIGH


def test_a_verification_tells_what_would_help_each_side():
    told = wire_verification(answers.verification())
    assert told.reference_quality_score == pytest.approx(0.87)
    (advice,) = told.advice
    assert advice.side == decision_pb2.VERIFICATION_SIDE_REFERENCE
    assert list(advice.reasons) == [quality_pb2.QUALITY_REASON_BLUR]
    assert list(advice.guidance) == [quality_pb2.GUIDANCE_HOLD_STILL]


def test_a_verification_that_compared_nothing_has_no_score():
    message = wire_verification(replace(answers.verification(), comparison_score=None, similarity=None, reference=None))
    assert not message.HasField("comparison_score")
    assert not message.HasField("similarity")
    assert not message.HasField("reference_face")


def test_a_subject_keeps_its_references_and_moments():
    reference = Reference("r-1", 0.83, QualityBand.HIGH, "compact-1a2b", "f32", answers.MOMENT)
    subject = wire_subject(Subject("ada", "Ada", (reference,), 7, answers.MOMENT, answers.MOMENT))
    assert subject.references[0].quality_score == pytest.approx(0.83)
    assert subject.references[0].quality_band == quality_pb2.QUALITY_BAND_HIGH
    assert subject.create_time.ToDatetime(UTC) == answers.MOMENT
    assert subject.revision == 7


def test_a_device_that_has_loaded_nothing_tells_no_runtime_gallery_or_self_test():
    status = wire_status(
        DeviceStatus(
            state=DeviceState.STARTING,
            problems=(),
            started_at=answers.MOMENT,
            uptime_s=0.25,
            resident_memory_bytes=1,
        )
    )
    assert status.state == device_pb2.DEVICE_STATE_STARTING
    assert not any(status.HasField(name) for name in ("runtime", "gallery", "self_test"))


def test_a_pack_tells_the_threshold_closest_to_one_in_a_thousand_and_none_where_there_is_none():
    manifest = small_manifest("compact")
    bare = replace(manifest, calibration=replace(manifest.calibration, thresholds_at_fmr=()))
    assert wire_pack(PackEntry(manifest, installed=True, active=True)).threshold_at_fmr_1e3 == pytest.approx(0.42)
    assert wire_pack(PackEntry(bare, installed=False, active=False)).threshold_at_fmr_1e3 == 0.0


def test_what_came_of_a_challenge_and_why_liveness_is_unsure_go_over_the_wire():
    steps = (ChallengeStep.TURN_RIGHT, ChallengeStep.COME_CLOSER)
    challenge = ChallengeResult(ChallengeState.FAILED, steps, 1, ChallengeFailure.TIMED_OUT)
    unsure = LivenessAssessment(LivenessVerdict.UNSURE, 0.5, (1.0,), LivenessReason.BETWEEN_THRESHOLDS, challenge)
    message = wire_liveness(unsure)
    assert message.reason == liveness_pb2.LIVENESS_REASON_BETWEEN_THRESHOLDS
    assert message.challenge.state == liveness_pb2.CHALLENGE_STATE_FAILED
    assert list(message.challenge.steps) == [
        liveness_pb2.CHALLENGE_STEP_TURN_RIGHT,
        liveness_pb2.CHALLENGE_STEP_COME_CLOSER,
    ]
    assert (message.challenge.steps_done, message.challenge.failure) == (1, liveness_pb2.CHALLENGE_FAILURE_TIMED_OUT)
    assert not wire_liveness(NOT_CHECKED).HasField("challenge")


def test_what_was_looked_for_without_a_network_goes_over_the_wire():
    cues = (LivenessCue("doorward.tests.1", 3.25, 2.5), LivenessCue("doorward.tests.2", 0.5, 2.5))
    attack = LivenessAssessment(LivenessVerdict.SPOOF, 0.1, (0.4,), LivenessReason.SCREEN_PATTERN, cues=cues)
    message = wire_liveness(attack)
    assert message.reason == liveness_pb2.LIVENESS_REASON_SCREEN_PATTERN
    assert [(cue.algorithm_id, cue.native_value, cue.limit) for cue in message.cues] == [
        ("doorward.tests.1", 3.25, 2.5),
        ("doorward.tests.2", 0.5, 2.5),
    ]
