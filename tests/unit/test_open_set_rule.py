"""The open-set rule names a subject only where score and lead are large enough, and says which rule decided."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from doorward_daemon.identity import (
    OPERATING_FMR,
    GallerySize,
    OpenSetRule,
    OpenSetSettings,
    SubjectScore,
    ThresholdCurve,
    fmr_for_fpir,
)
from doorward_daemon.model.decision import DecisionRule, Outcome
from doorward_testing.enrolment_site import CALIBRATION

SCORES = st.floats(-1.0, 1.0, width=32)
RANKED = st.lists(st.builds(SubjectScore, st.sampled_from("abcdef"), st.just("r"), SCORES), max_size=12)


def rule(**settings: float) -> OpenSetRule:
    return OpenSetRule(CALIBRATION, OpenSetSettings(**{"target_fpir": 0.01, **settings}))


def size(subjects: int) -> GallerySize:
    """A gallery with one reference per subject."""
    return GallerySize(subjects, subjects)


def scores(*values: float) -> list[SubjectScore]:
    return [SubjectScore(f"subject-{place}", "r", value) for place, value in enumerate(values)]


def test_a_small_gallery_is_searched_at_the_operating_threshold_and_no_looser():
    assert rule().threshold_for(size(0)) == rule().threshold_for(size(1)) == rule().threshold_for(size(10)) == 0.4
    assert rule(target_fpir=0.5).threshold_for(size(1)) == 0.4
    assert rule().verification_threshold == 0.4


def test_a_hundred_subjects_need_the_threshold_of_a_hundredth_of_the_rate():
    # FPIR 0.01 over 100 subjects allows an FMR of about 1e-4 each.
    assert rule().threshold_for(size(100)) == pytest.approx(0.5, abs=1e-3)


def test_thresholds_between_measured_rates_are_linear_in_the_logarithm_of_the_rate():
    curve = ThresholdCurve(((1e-2, 0.3), (1e-3, 0.4), (1e-5, 0.5)))
    assert curve.threshold_at(math.sqrt(1e-2 * 1e-3)) == pytest.approx(0.35)
    assert curve.threshold_at(1e-4) == pytest.approx(0.45)


def test_beyond_the_strictest_measured_rate_the_last_slope_goes_on():
    curve = ThresholdCurve(((1e-2, 0.3), (1e-3, 0.4), (1e-5, 0.5)))
    assert curve.threshold_at(1e-6) == pytest.approx(0.55)
    assert curve.threshold_at(1e-30) == 1.0


def test_above_the_loosest_measured_rate_the_loosest_measured_threshold_stays():
    assert ThresholdCurve(((1e-2, 0.3), (1e-3, 0.4))).threshold_at(0.5) == 0.3


@given(st.floats(1e-9, 0.9), st.floats(1e-9, 0.9))
def test_a_stricter_rate_never_gives_a_lower_threshold(one: float, other: float):
    curve = ThresholdCurve(CALIBRATION.thresholds_at_fmr)
    strict, loose = sorted((one, other))
    assert curve.threshold_at(strict) >= curve.threshold_at(loose)


@given(st.floats(1e-6, 0.5), st.integers(1, 10_000_000))
def test_the_rate_solves_the_formula_of_the_open_set(fpir: float, subjects: int):
    fmr = fmr_for_fpir(fpir, subjects)
    assert -math.expm1(subjects * math.log1p(-fmr)) == pytest.approx(fpir, rel=1e-6)


@given(st.lists(st.integers(0, 1_000_000), min_size=2, max_size=8))
def test_the_threshold_never_falls_when_the_gallery_grows(sizes: list[int]):
    thresholds = [rule().threshold_for(size(subjects)) for subjects in sorted(sizes)]
    assert all(small <= large for small, large in pairwise(thresholds))
    assert min(thresholds) >= ThresholdCurve(CALIBRATION.thresholds_at_fmr).threshold_at(OPERATING_FMR)


@pytest.mark.parametrize(
    "pairs",
    [
        (),
        ((1e-3, 0.4),),
        ((1e-3, 0.4), (1e-2, 0.5)),
        ((1e-2, 0.5), (1e-3, 0.4)),
        ((1e-2, 0.3), (0.0, 0.4)),
        ((1e-2, math.nan), (1e-3, 0.4)),
    ],
)
def test_a_calibration_that_is_no_curve_is_refused(pairs: tuple[tuple[float, float], ...]):
    with pytest.raises(ValueError, match="thresholds_at_fmr"):
        ThresholdCurve(pairs)


def test_a_clear_leader_above_the_threshold_is_matched():
    decision = rule().decide(scores(0.7, 0.2), size(5))
    assert (decision.outcome, decision.rule) == (Outcome.MATCHED, DecisionRule.THRESHOLD_AND_MARGIN)
    assert decision.margin_found == pytest.approx(0.5)
    assert (decision.threshold, decision.margin_needed) == (0.4, 0.05)


def test_a_score_at_the_threshold_is_enough_and_one_just_below_is_not():
    assert rule().decide(scores(0.4), size(1)).outcome is Outcome.MATCHED
    below = rule().decide(scores(math.nextafter(0.4, 0.0)), size(1))
    assert (below.outcome, below.rule) == (Outcome.UNKNOWN, DecisionRule.BELOW_THRESHOLD)


def test_two_alike_subjects_are_ambiguous_even_where_only_one_passes_the_threshold():
    decision = rule().decide(scores(0.42, 0.39), size(5))
    assert (decision.outcome, decision.rule) == (Outcome.AMBIGUOUS, DecisionRule.BELOW_MARGIN)
    assert decision.margin_found == pytest.approx(0.03)


def test_two_alike_strangers_are_unknown_and_not_ambiguous():
    assert rule().decide(scores(0.39, 0.39), size(5)).outcome is Outcome.UNKNOWN


def test_the_margin_is_kept_to_the_best_other_subject_and_not_to_another_reference():
    ranked = [SubjectScore("anna", "r1", 0.8), SubjectScore("anna", "r2", 0.79), SubjectScore("bert", "r3", 0.1)]
    decision = rule().decide(ranked, size(2))
    assert decision.outcome is Outcome.MATCHED
    assert decision.margin_found == pytest.approx(0.7)


def test_nobody_is_known_in_an_empty_gallery():
    decision = rule().decide((), size(0))
    assert (decision.outcome, decision.rule) == (Outcome.UNKNOWN, DecisionRule.EMPTY_GALLERY)
    assert decision.margin_found is None


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_never_matches(bad: float):
    assert rule().decide(scores(bad), size(1)).outcome is Outcome.UNKNOWN
    assert rule().decide(scores(bad, bad), size(2)).outcome is Outcome.UNKNOWN


def test_a_lead_over_subjects_that_were_not_compared_does_not_count():
    assert rule().decide(scores(0.9, math.nan), size(2)).outcome is Outcome.AMBIGUOUS
    assert rule().decide(scores(0.9), size(2)).outcome is Outcome.AMBIGUOUS
    assert rule().decide(scores(0.9), size(1)).outcome is Outcome.MATCHED


def test_the_operator_may_set_threshold_and_margin():
    strict = rule(threshold=0.75, margin=0.3)
    assert strict.threshold_for(size(1)) == strict.threshold_for(size(100_000)) == 0.75
    assert strict.decide(scores(0.7, 0.0), size(2)).outcome is Outcome.UNKNOWN
    assert strict.decide(scores(0.8, 0.6), size(2)).outcome is Outcome.AMBIGUOUS
    assert strict.verification_threshold == 0.4


@given(RANKED, st.integers(0, 6))
def test_a_match_always_has_the_score_and_the_lead(ranked: list[SubjectScore], subjects: int):
    decision = rule().decide(ranked, size(subjects))
    best = sorted(
        (max(one.score for one in ranked if one.subject_id == name) for name in {one.subject_id for one in ranked}),
        reverse=True,
    )
    passed = bool(best) and best[0] >= decision.threshold
    led = len(best) > 1 and best[0] - best[1] >= decision.margin_needed
    alone = len(best) == 1 and subjects <= 1
    assert (decision.outcome is Outcome.MATCHED) == (passed and (led or alone))
    assert (decision.outcome is Outcome.UNKNOWN) == (not passed)


@given(RANKED, st.randoms())
def test_the_order_of_the_candidates_does_not_matter(ranked: list[SubjectScore], random):
    assume(ranked)
    shuffled = list(ranked)
    random.shuffle(shuffled)
    assert rule().decide(ranked, size(6)) == rule().decide(shuffled, size(6))
