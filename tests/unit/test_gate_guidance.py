"""What a person is told first: the order of causes, and masks and covers under each policy."""

import itertools

import pytest

from doorward_daemon.model.quality import Guidance, MaskPolicy, QualityBand, QualityReason
from doorward_daemon.recognition.gate import Deduction
from doorward_daemon.recognition.gate.advice import HELPS_FIRST, advise, order_reasons
from doorward_testing.measured_face import components, embedding, face, gate


def test_the_order_names_every_reason_once():
    assert sorted(HELPS_FIRST) == sorted(QualityReason)


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (QualityReason.FACE_TOO_SMALL, QualityReason.BLUR),
        (QualityReason.FACE_TOO_LARGE, QualityReason.YAW),
        (QualityReason.FACE_CROPPED, QualityReason.TOO_DARK),
        (QualityReason.FACE_TOO_SMALL, QualityReason.MASK),
        (QualityReason.MASK, QualityReason.TOO_DARK),
        (QualityReason.FACE_COVERED, QualityReason.YAW),
        (QualityReason.TOO_DARK, QualityReason.BLUR),
        (QualityReason.YAW, QualityReason.BLUR),
        (QualityReason.BLUR, QualityReason.UNEVEN_LIGHT),
        (QualityReason.BLUR, QualityReason.IDENTITY_LOST),
    ],
)
def test_of_causes_of_the_same_weight_the_one_whose_remedy_helps_most_comes_first(first, later):
    deductions = [Deduction(later, 2.0), Deduction(first, 2.0)]
    assert order_reasons(deductions, must_complain=True) == (first, later)


def test_somebody_far_away_and_blurred_hears_come_closer_and_then_hold_still():
    found = gate().pre_gate(components(INTER_EYE_DISTANCE=9.0, SHARPNESS=1.05), face())
    assert found is not None
    assert found.guidance[:2] == (Guidance.COME_CLOSER, Guidance.HOLD_STILL)


def test_a_small_cause_waits_behind_one_that_costs_more_than_twice_as_much():
    deductions = [Deduction(QualityReason.YAW, 0.6), Deduction(QualityReason.BLUR, 3.0)]
    assert order_reasons(deductions, must_complain=True) == (QualityReason.BLUR, QualityReason.YAW)


def test_what_refuses_by_itself_comes_before_what_costs_much():
    deductions = [Deduction(QualityReason.BLUR, 5.0)]
    ordered = order_reasons(deductions, must_complain=False, refusals=[QualityReason.ROLL])
    assert ordered == (QualityReason.ROLL, QualityReason.BLUR)


def test_the_order_does_not_depend_on_the_order_of_the_deductions():
    deductions = [
        Deduction(reason, points)
        for reason, points in zip(
            (QualityReason.BLUR, QualityReason.YAW, QualityReason.IDENTITY_LOST, QualityReason.TOO_DARK),
            (2.0, 2.0, 4.0, 0.6),
            strict=True,
        )
    ]
    orders = {order_reasons(shuffled, must_complain=True) for shuffled in itertools.permutations(deductions)}
    assert orders == {
        (QualityReason.YAW, QualityReason.BLUR, QualityReason.TOO_DARK, QualityReason.IDENTITY_LOST),
    }


def test_two_poses_are_one_piece_of_advice():
    assert advise([QualityReason.YAW, QualityReason.PITCH]) == (Guidance.LOOK_AT_THE_CAMERA,)


def test_a_pack_that_cannot_tell_says_nothing_of_masks():
    for policy in MaskPolicy:
        seen = gate(policy).assess(components(), face(), embedding())
        assert seen.band is QualityBand.HIGH
        assert seen.reasons == ()
        assert not [item for item in seen.components if "Occlusion" in item.name]


def test_a_mask_is_no_matter_where_the_policy_is_off():
    bare, masked = (gate(MaskPolicy.OFF).assess(components(), face(), embedding(mask=mask)) for mask in (0.0, 0.97))
    assert masked.score == bare.score
    assert masked.band is QualityBand.HIGH
    assert masked.reasons == (QualityReason.MASK,)
    assert masked.guidance == ()


def test_where_masks_are_allowed_a_masked_face_that_is_too_poor_is_told_what_would_help():
    poor = gate(MaskPolicy.OFF).assess(components(), face(0.7), embedding(7.0, mask=0.97))
    assert poor.band in (QualityBand.LOW, QualityBand.REJECTED)
    assert poor.guidance == (Guidance.TAKE_THE_MASK_OFF,)


def test_a_soft_policy_asks_and_takes_no_masked_face_for_high():
    bare, masked = (gate(MaskPolicy.SOFT).assess(components(), face(), embedding(mask=mask)) for mask in (0.1, 0.97))
    assert bare.band is QualityBand.HIGH
    assert masked.band is QualityBand.MEDIUM
    assert masked.reasons == (QualityReason.MASK,)
    assert masked.guidance == (Guidance.TAKE_THE_MASK_OFF,)


def test_a_soft_policy_leaves_a_poor_masked_face_where_its_quality_puts_it():
    poor = [gate(policy).assess(components(), face(0.7), embedding(7.0, mask=0.97)) for policy in list(MaskPolicy)[:2]]
    assert poor[0].score == poor[1].score < 0.6


def test_a_hard_policy_rejects_every_masked_face():
    judged = gate(MaskPolicy.HARD)
    masked = judged.assess(components(), face(), embedding(mask=0.5))
    assert masked.band is QualityBand.REJECTED
    assert masked.reasons == (QualityReason.MASK,)
    assert judged.refuses_mask(masked)
    assert not judged.refuses_mask(judged.assess(components(), face(), embedding(mask=0.49)))
    assert not gate(MaskPolicy.SOFT).refuses_mask(masked)


def test_from_which_likelihood_a_mask_is_believed_is_a_setting():
    assert gate(MaskPolicy.HARD, mask_from=0.9).assess(components(), face(), embedding(mask=0.8)).reasons == ()
    assert gate(MaskPolicy.HARD, cover_from=0.9).assess(components(), face(), embedding(cover=0.8)).reasons == ()


def test_another_cover_is_named_and_costs_nothing_by_itself():
    bare, covered = (gate(MaskPolicy.HARD).assess(components(), face(), embedding(cover=cover)) for cover in (0, 0.9))
    assert covered.score == bare.score
    assert covered.reasons == (QualityReason.FACE_COVERED,)
    assert covered.guidance == (Guidance.UNCOVER_THE_FACE,)


@pytest.mark.parametrize(
    ("mask", "cover", "reason"),
    [(0.9, 0.6, QualityReason.MASK), (0.6, 0.9, QualityReason.FACE_COVERED), (0.2, 0.6, QualityReason.FACE_COVERED)],
)
def test_of_a_mask_and_another_cover_the_likelier_one_is_named(mask, cover, reason):
    assert gate().assess(components(), face(), embedding(mask=mask, cover=cover)).reasons == (reason,)


def test_likelihoods_of_covers_are_components_with_our_own_algorithm_ids():
    seen = gate().assess(components(), face(), embedding(mask=0.25, cover=0.6)).components[-2:]
    assert [(item.name, item.algorithm_id, item.native_value, item.score) for item in seen] == [
        ("MouthOcclusionPrevention", "doorward.mask_likelihood.1", 0.25, 75),
        ("FaceOcclusionPrevention", "doorward.cover_likelihood.1", 0.6, 40),
    ]
