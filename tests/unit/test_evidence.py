"""Evidence adds up over good looks only; templates and liveness are fused; one look alone makes nobody an attacker."""

import numpy as np
import pytest

from doorward_daemon.gate_loop.denied_budget import DeniedBudget
from doorward_daemon.gate_loop.evidence import LivenessNeed, TrackEvidence, worth_of
from doorward_daemon.gate_loop.fusion import fuse_liveness, fuse_templates
from doorward_daemon.model.liveness import LivenessPolicy, LivenessReason, LivenessVerdict
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.vision.liveness import LivenessSettings
from doorward_testing.gate_values import judgement_of, liveness_of, template_at

LIVE, SPOOF, UNSURE = LivenessVerdict.LIVE, LivenessVerdict.SPOOF, LivenessVerdict.UNSURE
HIGH, MEDIUM = QualityBand.HIGH, QualityBand.MEDIUM


def evidence_for(policy: LivenessPolicy = LivenessPolicy.OFF) -> TrackEvidence:
    return TrackEvidence(LivenessNeed(policy=policy, thresholds=LivenessSettings(), patience_frames=6), max_shots=3)


def complete_after(policy: LivenessPolicy, verdict: LivenessVerdict, band: QualityBand = HIGH) -> int | None:
    evidence = evidence_for(policy)
    for look in range(1, 10):
        evidence.add(judgement_of(band, liveness=liveness_of(verdict)))
        if evidence.is_complete():
            return look
    return None


def test_bands_are_worth_what_the_design_says():
    assert [worth_of(judgement_of(band)) for band in QualityBand] == [1.0, 0.5, 0.0, 0.0]


def test_one_high_look_or_two_medium_ones_decide():
    assert complete_after(LivenessPolicy.OFF, UNSURE, HIGH) == 1
    assert complete_after(LivenessPolicy.OFF, UNSURE, MEDIUM) == 2


@pytest.mark.parametrize("band", [QualityBand.LOW, QualityBand.REJECTED])
def test_poor_looks_never_decide_however_many(band: QualityBand):
    assert complete_after(LivenessPolicy.OFF, UNSURE, band) is None


@pytest.mark.parametrize(
    ("policy", "verdict", "looks"),
    [
        (LivenessPolicy.REQUIRED, LIVE, 3),
        (LivenessPolicy.REQUIRED, SPOOF, 3),
        (LivenessPolicy.REQUIRED, UNSURE, 6),
        (LivenessPolicy.REQUIRED, LivenessVerdict.NOT_CHECKED, 1),
        (LivenessPolicy.PREFERRED, LIVE, 1),
        (LivenessPolicy.PREFERRED, UNSURE, 1),
        (LivenessPolicy.PREFERRED, SPOOF, 3),
        (LivenessPolicy.OFF, SPOOF, 1),
    ],
)
def test_liveness_waits_for_three_looks_where_it_is_required_or_would_deny(
    policy: LivenessPolicy, verdict: LivenessVerdict, looks: int
):
    assert complete_after(policy, verdict) == looks


def test_one_wrong_look_of_liveness_does_not_deny_a_living_person():
    evidence = evidence_for(LivenessPolicy.PREFERRED)
    evidence.add(judgement_of(HIGH, liveness=liveness_of(SPOOF, 0.3)))
    for _ in range(3):
        evidence.add(judgement_of(HIGH, liveness=liveness_of(LIVE, 0.9)))
        assert not evidence.is_complete()
    evidence.add(judgement_of(HIGH, liveness=liveness_of(LIVE, 0.9)))
    assert evidence.is_complete()
    assert not evidence.is_refused_by_liveness()


@pytest.mark.parametrize("policy", [LivenessPolicy.REQUIRED, LivenessPolicy.PREFERRED])
def test_looks_that_keep_disagreeing_are_refused_in_the_end(policy: LivenessPolicy):
    evidence = evidence_for(policy)
    for look in range(6):
        assert not evidence.is_complete()
        evidence.add(judgement_of(HIGH, liveness=liveness_of(SPOOF if look % 3 == 0 else LIVE)))
    assert evidence.is_complete()
    assert evidence.is_refused_by_liveness()


def test_an_attack_is_refused_where_liveness_is_asked():
    for policy, refused in ((LivenessPolicy.REQUIRED, True), (LivenessPolicy.PREFERRED, True)):
        evidence = evidence_for(policy)
        for _ in range(3):
            evidence.add(judgement_of(HIGH, liveness=liveness_of(SPOOF)))
        assert evidence.is_refused_by_liveness() is refused
        assert evidence.liveness().verdict is SPOOF


def test_a_pack_without_liveness_never_passes_a_door_that_requires_it():
    evidence = evidence_for(LivenessPolicy.REQUIRED)
    evidence.add(judgement_of(HIGH))
    assert evidence.is_refused_by_liveness()


def test_the_fused_liveness_is_the_mean_of_the_looks_that_may_be_believed():
    looks = [liveness_of(LIVE, 0.8), liveness_of(LIVE, 0.7), liveness_of(UNSURE, 0.1, ratio=0.3)]
    fused = fuse_liveness(looks, LivenessSettings(), 2)
    assert (fused.verdict, fused.score) == (LIVE, pytest.approx(0.75))
    assert fuse_liveness(looks, LivenessSettings(), 3).verdict is UNSURE


def test_looks_too_close_for_liveness_show_nobody_alive():
    looks = [liveness_of(UNSURE, 0.95, ratio=0.3)] * 5
    assert fuse_liveness(looks, LivenessSettings(), 1).verdict is UNSURE


def fused(*verdicts: LivenessVerdict, frames: int = 3) -> LivenessVerdict:
    return fuse_liveness([liveness_of(verdict) for verdict in verdicts], LivenessSettings(), frames).verdict


def test_one_look_like_an_attack_among_many_living_ones_changes_nothing():
    for place in range(5):
        looks = [LIVE] * 5
        looks[place] = SPOOF
        assert fused(*looks) is LIVE
        assert fused(*(SPOOF if look is LIVE else LIVE for look in looks)) is SPOOF


def test_a_photo_shown_in_turn_with_a_living_face_is_never_live():
    assert fused(*[LIVE, SPOOF] * 6) is UNSURE
    assert fused(*[LIVE, LIVE, SPOOF] * 4) is UNSURE
    assert fused(*[LIVE, LIVE, LIVE, SPOOF] * 3) is UNSURE
    assert fused(*[LIVE, SPOOF, SPOOF] * 4) is SPOOF


def test_fused_doubt_says_why():
    few = fuse_liveness([liveness_of(LIVE)], LivenessSettings(), 3)
    cut = fuse_liveness([liveness_of(UNSURE, 0.9, ratio=0.4)] * 4, LivenessSettings(), 3)
    torn = fuse_liveness([liveness_of(LIVE), liveness_of(SPOOF)], LivenessSettings(), 1)
    assert few.reason is LivenessReason.TOO_FEW_LOOKS
    assert cut.reason is LivenessReason.SURROUNDINGS_CUT
    assert torn.reason is LivenessReason.LOOKS_DISAGREE


def test_fused_templates_lean_to_the_better_look_and_have_length_one():
    fused = fuse_templates([template_at(0), template_at(60)], [0.9, 0.3])
    assert fused is not None
    assert float(np.linalg.norm(fused.vector)) == pytest.approx(1.0, abs=1e-6)
    angle = np.degrees(np.arctan2(fused.vector[1], fused.vector[0]))
    assert 0.0 < angle < 30.0
    assert float(angle) == pytest.approx(np.degrees(np.arctan2(0.3 * np.sin(np.pi / 3), 0.9 + 0.15)), abs=1e-3)


def test_looks_that_contradict_each_other_give_no_template():
    assert fuse_templates([template_at(0), template_at(180)], [0.8, 0.8]) is None


def test_only_the_best_looks_are_kept():
    evidence = evidence_for()
    for quality in (0.81, 0.99, 0.85, 0.95, 0.9):
        evidence.add(judgement_of(HIGH, quality=quality))
    assert [shot.quality_score for shot in evidence.shots] == [0.99, 0.95, 0.9]


def test_denials_are_bounded_and_what_is_passed_over_is_counted():
    budget = DeniedBudget(per_minute=3)
    assert [budget.take(0) for _ in range(5)] == [True, True, True, False, False]
    assert budget.passed_over == 2
    assert budget.take(20_000_000_000)
    assert not budget.take(20_000_000_001)
