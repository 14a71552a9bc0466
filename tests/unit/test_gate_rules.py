"""The gate: bands, order of reasons, guidance, refusals, and what it makes of numbers that are none."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import Guidance, QualityBand, QualityReason
from doorward_daemon.recognition.gate import Deduction, FaceEvidence, GateSettings, QualityGate, ScoredFace
from doorward_daemon.recognition.gate.advice import advise, order_reasons
from doorward_daemon.vision.quality import ComponentName
from doorward_testing.measured_face import CALIBRATION, components, embedding, face, gate


def test_a_good_face_is_high_and_without_complaint():
    assessed = gate().assess(components(), face(), embedding())
    assert assessed.band is QualityBand.HIGH
    assert assessed.score > 0.95
    assert assessed.reasons == ()
    assert assessed.guidance == ()
    assert len(assessed.components) == len(ComponentName)
    assert gate().pre_gate(components(), face()) is None


@pytest.mark.parametrize(
    ("changes", "reason", "guidance"),
    [
        ({"INTER_EYE_DISTANCE": 9.0}, QualityReason.FACE_TOO_SMALL, Guidance.COME_CLOSER),
        ({"FACE_INSIDE_PICTURE": 0.55}, QualityReason.FACE_CROPPED, Guidance.MOVE_TO_THE_CENTRE),
        (
            {"FACE_INSIDE_PICTURE": 0.55, "LEFTWARD_CROP": 0.3, "RIGHTWARD_CROP": 0.4},
            QualityReason.FACE_TOO_LARGE,
            Guidance.STEP_BACK,
        ),
        ({"DYNAMIC_RANGE": 0.5, "LUMINANCE_MEAN": 0.01}, QualityReason.TOO_DARK, Guidance.MORE_LIGHT),
        ({"DYNAMIC_RANGE": 0.5, "LUMINANCE_MEAN": 0.98}, QualityReason.TOO_BRIGHT, Guidance.LESS_LIGHT),
        (
            {"OVER_EXPOSURE_PREVENTION": 0.97, "LUMINANCE_MEAN": 0.99},
            QualityReason.TOO_BRIGHT,
            Guidance.LESS_LIGHT,
        ),
        ({"HEAD_POSE_YAW": -80.0}, QualityReason.YAW, Guidance.LOOK_AT_THE_CAMERA),
        ({"HEAD_POSE_PITCH": 60.0}, QualityReason.PITCH, Guidance.LOOK_AT_THE_CAMERA),
        ({"HEAD_POSE_ROLL": 75.0}, QualityReason.ROLL, Guidance.HOLD_HEAD_UPRIGHT),
        ({"SHARPNESS": 1.1}, QualityReason.BLUR, Guidance.HOLD_STILL),
    ],
)
def test_hopeless_faces_are_refused_before_embedding(changes, reason, guidance):
    refused = gate().pre_gate(components(**changes), face())
    assert refused is not None
    assert refused.band is QualityBand.REJECTED
    assert refused.score < 0.4
    assert refused.reasons[0] is reason
    assert refused.guidance[0] is guidance


def test_the_limits_of_the_pre_gate_are_settings():
    small = components(INTER_EYE_DISTANCE=9.0)
    assert gate(min_inter_eye_px=5.0).pre_gate(small, face()) is None
    assert gate(max_yaw_deg=20.0).pre_gate(components(HEAD_POSE_YAW=25.0), face()) is not None


@pytest.mark.parametrize(
    ("norm", "detection", "sharpness", "reason"),
    [
        (8.0, 0.94, 2.6, QualityReason.IDENTITY_LOST),
        (18.0, 0.61, 2.6, QualityReason.DOUBTFUL_FACE),
        (18.0, 0.94, 1.2, QualityReason.BLUR),
    ],
)
def test_each_of_the_three_main_witnesses_alone_is_heard(norm, detection, sharpness, reason):
    assessed = gate().assess(components(SHARPNESS=sharpness), face(detection), embedding(norm))
    assert assessed.score < 0.8
    assert assessed.reasons == (reason,)


def test_a_blurred_face_with_a_healthy_norm_is_rejected_for_blur():
    """The astronaut behind a 25 px movement: detection 0.92, norm 13.9, sharpness 1.3."""
    assessed = gate().assess(components(SHARPNESS=1.32), face(0.917), embedding(13.85))
    assert assessed.band is QualityBand.REJECTED
    assert assessed.reasons[0] is QualityReason.BLUR
    assert assessed.guidance == (Guidance.HOLD_STILL,)


def test_blur_of_a_small_face_is_blamed_on_its_size():
    small = gate().assess(components(SHARPNESS=1.5, INTER_EYE_DISTANCE=11.0), face(), embedding())
    large = gate().assess(components(SHARPNESS=1.5), face(), embedding())
    assert small.score == pytest.approx(large.score)
    assert small.reasons[0] is QualityReason.FACE_TOO_SMALL
    assert large.reasons == (QualityReason.BLUR,)


def test_what_the_pixels_show_is_named_before_what_the_models_conclude():
    assessed = gate().assess(components(SHARPNESS=1.7), face(0.7), embedding(7.0))
    assert assessed.reasons == (QualityReason.BLUR, QualityReason.DOUBTFUL_FACE, QualityReason.IDENTITY_LOST)
    assert assessed.guidance == (Guidance.HOLD_STILL,)


def test_lost_identity_without_a_visible_cause_asks_to_look_and_uncover():
    assessed = gate().assess(components(), face(0.8), embedding(7.0))
    assert QualityReason.IDENTITY_LOST in assessed.reasons
    assert set(assessed.guidance) == {Guidance.LOOK_AT_THE_CAMERA, Guidance.UNCOVER_THE_FACE}


def test_a_second_large_face_is_a_reason_without_a_cost():
    alone = gate().assess(components(), face(), embedding())
    crowded = gate().assess(components(SINGLE_FACE_PRESENT=0.4), face(), embedding())
    assert crowded.score == alone.score
    assert crowded.reasons == (QualityReason.SEVERAL_FACES,)
    assert crowded.guidance == (Guidance.ONE_PERSON_AT_A_TIME,)


@pytest.mark.parametrize("name", ["HEAD_POSE_YAW", "HEAD_POSE_PITCH", "HEAD_POSE_ROLL"])
def test_turning_to_either_side_costs_the_same(name):
    one, other = (gate().assess(components(**{name: angle}), face(), embedding()) for angle in (45.0, -45.0))
    assert one.score == other.score < gate().assess(components(), face(), embedding()).score


def test_a_face_that_is_not_high_always_says_why():
    assessed = [
        gate().assess(components(SHARPNESS=1.9), face(0.88), embedding(norm)) for norm in np.linspace(6, 18, 60)
    ]
    assert {item.band for item in assessed} == set(QualityBand)
    for item in assessed:
        assert item.band is QualityBand.HIGH or (item.reasons and item.guidance)


def test_a_face_that_was_not_embedded_is_judged_without_its_norm():
    unseen, seen = (gate().assess(components(), face(), item) for item in (None, embedding(9.0)))
    assert unseen.band is QualityBand.HIGH
    assert seen.score < unseen.score


def test_a_pack_without_norm_weight_does_not_look_at_the_norm():
    plain = QualityGate(replace(CALIBRATION, norm_weight=0.0), GateSettings())
    assert plain.assess(components(), face(), embedding(1.0)).score == plain.assess(components(), face(), None).score


def test_a_pack_may_bring_its_own_constants():
    strict = QualityGate(replace(CALIBRATION, quality=(("base", 0.0),)), GateSettings())
    assert strict.assess(components(), face(), embedding()).score == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["component", "norm", "detection", "landmark", "box"])
def test_numbers_that_are_none_are_rejected_and_never_raised(bad, place):
    measured, found, embedded = components(), face(), embedding()
    if place == "component":
        measured = components(SHARPNESS=bad)
    elif place == "norm":
        embedded = embedding(bad)
    elif place == "detection":
        found = face(bad)
    elif place == "landmark":
        found = Face(found.xyxy_px.copy(), np.full((5, 2), bad, np.float32), 0.9)
    else:
        found = Face(np.full(4, bad, np.float32), found.landmarks_px.copy(), 0.9)
    assessed = gate().assess(measured, found, embedded)
    assert assessed.band is QualityBand.REJECTED
    assert assessed.score == 0.0
    assert assessed.reasons == (QualityReason.DOUBTFUL_FACE,)
    if place != "norm":
        assert gate().pre_gate(measured, found) is not None


def test_a_face_whose_pose_could_not_be_told_is_rejected():
    unassessed = tuple(replace(item, score=-1) if item.name == "HeadPoseYaw" else item for item in components())
    assert gate().assess(unassessed, face(), embedding()).band is QualityBand.REJECTED
    assert gate().assess((), face(), embedding()).band is QualityBand.REJECTED


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (1.0, QualityBand.HIGH),
        (0.8, QualityBand.HIGH),
        (0.7999, QualityBand.MEDIUM),
        (0.6, QualityBand.MEDIUM),
        (0.5999, QualityBand.LOW),
        (0.4, QualityBand.LOW),
        (0.3999, QualityBand.REJECTED),
        (math.nan, QualityBand.REJECTED),
    ],
)
def test_bands_begin_at_their_limits(score, band):
    assert gate().band(score) is band


def test_bands_out_of_order_are_refused():
    with pytest.raises(ValueError, match="falling limits"):
        GateSettings(medium_from=0.3)


def test_a_learned_score_takes_the_place_of_the_combined_one():
    class Learned:
        """Reads the pack's own score."""

        def rate(self, evidence: FaceEvidence) -> ScoredFace:
            return ScoredFace(evidence.native_score or 0.0, (Deduction(QualityReason.MASK, 2.0),))

    learned = QualityGate(CALIBRATION, GateSettings(), Learned())
    masked = replace(embedding(), native_score=0.3)
    assessed = learned.assess(components(), face(), masked)
    assert assessed.score == 0.3
    assert assessed.band is QualityBand.REJECTED
    assert assessed.guidance == (Guidance.TAKE_THE_MASK_OFF,)


def test_every_reason_has_a_remedy():
    for reason in QualityReason:
        assert advise([reason])


def test_costs_of_one_reason_add_up():
    deductions = [Deduction(QualityReason.TOO_DARK, 0.3), Deduction(QualityReason.TOO_DARK, 0.3)]
    assert order_reasons(deductions, must_complain=False) == (QualityReason.TOO_DARK,)


WORSE = {
    "HEAD_POSE_YAW": 1.0,
    "HEAD_POSE_PITCH": 1.0,
    "HEAD_POSE_ROLL": 1.0,
    "FACE_INSIDE_PICTURE": 1.0,
    "UNDER_EXPOSURE_PREVENTION": 1.0,
    "OVER_EXPOSURE_PREVENTION": 1.0,
    "DYNAMIC_RANGE": -1.0,
    "ILLUMINATION_UNIFORMITY": -1.0,
    "SHARPNESS": -1.0,
}
RANGES = {
    "HEAD_POSE_YAW": 90.0,
    "HEAD_POSE_PITCH": 90.0,
    "HEAD_POSE_ROLL": 90.0,
    "DYNAMIC_RANGE": 8.0,
    "SHARPNESS": 6.0,
}


@given(
    name=st.sampled_from(sorted(WORSE)),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    norm=st.floats(1, 30),
    detection=st.floats(0, 1),
)
def test_the_score_never_rises_when_a_component_gets_worse(name, ends, norm, detection):
    low, high = sorted(value * RANGES.get(name, 1.0) for value in ends)
    better, worse = (low, high) if WORSE[name] > 0 else (high, low)
    scores = [gate().assess(components(**{name: v}), face(detection), embedding(norm)).score for v in (better, worse)]
    assert 0.0 <= scores[1] <= scores[0] <= 1.0


@given(ends=st.tuples(st.floats(0, 40), st.floats(0, 40)), detections=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_the_score_never_falls_when_norm_or_detection_rise(ends, detections):
    (low, high), (doubtful, sure) = sorted(ends), sorted(detections)
    judged = gate()
    assert (
        judged.assess(components(), face(doubtful), embedding(low)).score
        <= judged.assess(components(), face(sure), embedding(high)).score
    )
