"""Pixels and numbers that are none: the gate answers with a typed result, never raises, and never calls them good."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import MaskPolicy, QualityAssessment, QualityBand, QualityReason
from doorward_daemon.recognition.gate.advice import advise
from doorward_daemon.vision.alignment import ARCFACE_112, Aligner
from doorward_daemon.vision.quality import measure_components
from doorward_testing.measured_face import components, embedding, face, gate

TEMPLATE = np.array(ARCFACE_112.template_px, np.float32)
ANY_NUMBER = st.one_of(st.floats(width=32), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e30, -1e30]))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judge(bgr: np.ndarray, found: Face, others: tuple[Face, ...] = ()) -> list[QualityAssessment]:
    """What both halves of the gate say of a face, whether or not it would have been embedded."""
    picture, judged = Picture(np.ascontiguousarray(bgr)), gate()
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, found.landmarks_px)
    measured = measure_components(picture, found, crop, others)
    refused = judged.pre_gate(measured, found)
    return [*([] if refused is None else [refused]), judged.assess(measured, found, embedding())]


def check(assessments: list[QualityAssessment]) -> None:
    for one in assessments:
        assert 0.0 <= one.score <= 1.0
        assert one.band is QualityBand.HIGH or one.reasons
        assert set(advise(one.reasons)) >= set(one.guidance)
        assert all(math.isfinite(item.native_value) and -1 <= item.score <= 100 for item in one.components)


def face_of(landmarks: np.ndarray, box: np.ndarray | None = None, score: float = 0.9) -> Face:
    found = landmarks.astype(np.float32)
    around = np.array([*found.min(axis=0), *found.max(axis=0)]) if box is None else box
    return Face(np.asarray(around, np.float32), found, score)


@QUICK
@given(
    landmarks=st.lists(ANY_NUMBER, min_size=10, max_size=10),
    box=st.lists(ANY_NUMBER, min_size=4, max_size=4),
    score=ANY_NUMBER,
    shade=st.integers(0, 255),
)
def test_any_numbers_at_all_give_a_typed_answer(landmarks, box, score, shade):
    found = face_of(np.array(landmarks).reshape(5, 2), np.array(box), score)
    assessments = judge(np.full((120, 160, 3), shade, np.uint8), found)
    check(assessments)
    numbers = [*landmarks, *box, score]
    if not all(math.isfinite(number) for number in numbers):
        assert {one.band for one in assessments} == {QualityBand.REJECTED}
        assert len(assessments) == 2


@pytest.mark.parametrize("shade", [0, 1, 127, 254, 255])
def test_a_crop_of_one_shade_is_refused_before_it_is_embedded(shade):
    refused, _ = judge(np.full((220, 220, 3), shade, np.uint8), face_of(TEMPLATE + 50))
    assert refused.band is QualityBand.REJECTED
    assert {QualityReason.TOO_DARK, QualityReason.TOO_BRIGHT} & set(refused.reasons)


@QUICK
@given(shift=st.tuples(st.integers(-400, 400), st.integers(-400, 400)), seed=st.integers(0, 9))
def test_a_face_cut_by_the_border_is_never_high_once_half_of_it_is_outside(shift, seed):
    bgr = np.random.default_rng(seed).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    found = face_of(TEMPLATE + np.array(shift, np.float32))
    assessments = judge(bgr, found)
    check(assessments)
    outside = {item.name: item.native_value for item in assessments[0].components}["FaceInsidePicture"]
    if outside > 0.5:
        assert {QualityReason.FACE_CROPPED, QualityReason.FACE_TOO_LARGE} & set(assessments[0].reasons)
        assert assessments[0].band is QualityBand.REJECTED


def test_two_faces_of_one_size_are_told_apart_by_nobody_and_both_are_named():
    bgr = np.random.default_rng(1).integers(0, 256, (240, 400, 3), dtype=np.uint8)
    one, other = face_of(TEMPLATE + 50), face_of(TEMPLATE + np.array([220, 50], np.float32))
    for first, second in ((one, other), (other, one)):
        assert QualityReason.SEVERAL_FACES in judge(bgr, first, (second,))[-1].reasons


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("policy", list(MaskPolicy))
@pytest.mark.parametrize("place", ["mask", "cover"])
def test_a_likelihood_that_is_no_number_rejects_the_face(place, policy, bad):
    assessed = gate(policy).assess(components(), face(), embedding(**{place: bad}))
    assert (assessed.band, assessed.score) == (QualityBand.REJECTED, 0.0)


def test_a_component_below_every_range_lowers_the_score_and_raises_nothing():
    for item in components():
        measured = tuple(replace(one, native_value=-1e30) if one.name == item.name else one for one in components())
        assert 0.0 <= gate().assess(measured, face(), embedding()).score <= 1.0


@QUICK
@given(name=st.sampled_from([item.name for item in components()]), value=ANY_NUMBER, norm=ANY_NUMBER)
def test_one_component_that_is_no_number_is_enough_to_reject(name, value, norm):
    measured = tuple(
        type(item)(item.name, item.algorithm_id, value, item.score) if item.name == name else item
        for item in components()
    )
    assessed = gate().assess(measured, face(), embedding(norm))
    assert 0.0 <= assessed.score <= 1.0
    if not (math.isfinite(value) and math.isfinite(norm)):
        assert assessed.band is QualityBand.REJECTED
