"""The pack's own score at the gate: it decides, what is measured caps and explains it."""

from dataclasses import replace

import numpy as np
import pytest

from doorward_daemon.model.quality import QualityAssessment, QualityBand, QualityReason
from doorward_daemon.model.template import Embedding
from doorward_testing.measured_face import components, embedding, face, gate


def embedded(score: float) -> Embedding:
    return replace(embedding(), native_score=score)


def assess(score: float, **changes: float) -> QualityAssessment:
    return gate().assess(components(**changes), face(), embedded(score))


def test_the_packs_own_score_is_the_score():
    assert assess(0.97).score == 0.97
    assert assess(0.97).reasons == ()
    assert assess(0.31).band is QualityBand.REJECTED


def test_norm_and_detector_are_no_witnesses_beside_it():
    doubtful = gate().assess(components(), face(0.61), replace(embedding(6.0), native_score=0.9))
    assert doubtful.score == 0.9


def test_without_it_the_combined_score_counts():
    assert gate().assess(components(), face(), embedding(6.0)).score < gate().assess(components(), face(), None).score


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"INTER_EYE_DISTANCE": 15.0}, QualityReason.FACE_TOO_SMALL),
        ({"HEAD_POSE_YAW": -48.0}, QualityReason.YAW),
        ({"HEAD_POSE_PITCH": 47.0}, QualityReason.PITCH),
        ({"FACE_INSIDE_PICTURE": 0.3}, QualityReason.FACE_CROPPED),
    ],
)
def test_what_a_crop_cannot_show_caps_the_score_below_high_and_is_the_reason(changes, reason):
    assessed = assess(0.99, **changes)
    assert assessed.score < 0.8
    assert reason in assessed.reasons


@pytest.mark.parametrize("name", ["HEAD_POSE_YAW", "HEAD_POSE_PITCH", "FACE_INSIDE_PICTURE"])
def test_the_caps_only_fall(name):
    values = np.linspace(0, 1 if name == "FACE_INSIDE_PICTURE" else 90, 60)
    scores = [assess(0.99, **{name: float(value)}).score for value in values]
    assert scores == sorted(scores, reverse=True)


def test_a_cap_never_raises_a_score():
    assert assess(0.2, HEAD_POSE_YAW=50.0).score == 0.2


def test_a_low_score_is_blamed_on_what_the_pixels_show():
    blurred = assess(0.2, SHARPNESS=1.3)
    assert blurred.reasons[0] is QualityReason.BLUR
    assert QualityReason.IDENTITY_LOST not in blurred.reasons


def test_a_low_score_that_nothing_explains_is_lost_identity():
    assert assess(0.2).reasons == (QualityReason.IDENTITY_LOST,)


def test_a_good_score_leaves_little_to_complain_about():
    assert assess(0.96, SHARPNESS=1.7).reasons == ()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_rejected(bad):
    assert assess(bad).band is QualityBand.REJECTED


def test_a_low_score_of_what_the_detector_doubts_is_called_no_face():
    doubted = gate().assess(components(), face(0.68), embedded(0.2))
    assert doubted.reasons == (QualityReason.DOUBTFUL_FACE,)
