"""Error rates of one-to-one comparison: by hand, with ties, and as properties that hold for any scores."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.tools.statistics import ErrorRates

# Few distinct values, so that ties within and between the two sides are the rule and not the exception.
SCORES = st.lists(st.integers(-8, 8).map(lambda step: step / 8), min_size=1, max_size=30)
RATES = st.sampled_from([0.0, 1e-3, 1e-2, 0.05, 0.1, 0.25, 0.29, 0.5, 0.9, 1.0])


def rates_of(genuine, impostor):
    return ErrorRates.of(np.asarray(genuine, np.float64), np.asarray(impostor, np.float64))


def test_a_score_at_the_threshold_matches():
    rates = rates_of([0.5, 0.7], [0.5, 0.1])
    assert rates.fmr(0.5) == 0.5
    assert rates.fnmr(0.5) == 0.0
    assert rates.fnmr(math.nextafter(0.5, 1.0)) == 0.5


def test_threshold_at_an_fmr_lies_just_behind_the_first_impostor_that_must_not_match():
    impostor = [step / 100 for step in range(100)]  # 0.00 .. 0.99
    rates = rates_of([0.985, 0.99], impostor)
    assert rates.threshold_at_fmr(0.01) == math.nextafter(0.98, math.inf)
    assert rates.fmr(rates.threshold_at_fmr(0.01)) == 0.01
    assert rates.fnmr(rates.threshold_at_fmr(0.01)) == 0.0
    assert rates.threshold_at_fmr(0.001) == math.nextafter(0.99, math.inf)
    assert rates.fnmr(rates.threshold_at_fmr(0.001)) == 1.0


def test_threshold_passes_all_equal_impostors_where_one_of_them_would_be_too_many():
    rates = rates_of([0.9], [0.1] * 6 + [0.6] * 3 + [0.8])
    assert rates.threshold_at_fmr(0.3) == math.nextafter(0.6, math.inf)
    assert rates.threshold_at_fmr(0.4) == math.nextafter(0.1, math.inf)


def test_rates_that_floating_point_rounds_are_counted_exactly():
    impostor = [step / 100 for step in range(100)]
    rates = rates_of([1.0], impostor)
    # 0.29 * 100 is 28.999999999999996, and 1 - 0.71 is 0.29000000000000004: 29 of 100 are not above 0.29.
    assert rates.threshold_at_fmr(0.29) == math.nextafter(0.70, math.inf)
    assert rates.fmr(rates.threshold_at_fmr(0.29)) == 0.29


def test_threshold_where_every_impostor_may_match_is_the_lowest_score():
    assert rates_of([0.2, 0.9], [0.3, 0.4]).threshold_at_fmr(1.0) == 0.2


def test_rates_of_a_worked_example():
    rates = rates_of([0.9, 0.8, 0.3], [0.4, 0.2, 0.1])
    assert rates.auc == pytest.approx(8 / 9)  # only 0.3 against 0.4 is the wrong way round
    assert rates.eer == pytest.approx(1 / 3)  # at 0.4 one of three fails on either side
    assert rates.balanced_accuracy == pytest.approx(5 / 6)
    assert rates.best_threshold == 0.3


def test_equal_error_rate_lies_on_the_line_between_two_thresholds():
    # Between 0.125 and 0.25 the FMR falls from 1 to 0 while the FNMR stays at 2/3.
    assert rates_of([0.0, 0.0, 0.25], [0.125]).eer == pytest.approx(2 / 3)


def test_scores_that_are_all_equal_are_chance():
    rates = rates_of([0.5, 0.5], [0.5, 0.5, 0.5])
    assert rates.auc == 0.5
    assert rates.eer == 0.5
    assert rates.balanced_accuracy == 0.5


def test_scores_that_do_not_overlap_are_told_apart_without_error():
    rates = rates_of([0.7, 0.8], [0.1, 0.2, 0.3])
    assert (rates.auc, rates.eer, rates.balanced_accuracy) == (1.0, 0.0, 1.0)
    assert 0.3 < rates.best_threshold <= 0.7


@pytest.mark.parametrize("scores", [[], [math.nan], [math.inf]])
def test_scores_that_are_missing_or_no_numbers_are_refused(scores):
    with pytest.raises(ValueError, match="genuine"):
        rates_of(scores, [0.1])
    with pytest.raises(ValueError, match="impostor"):
        rates_of([0.1], scores)


@given(SCORES, SCORES)
def test_auc_equals_the_mann_whitney_statistic(genuine, impostor):
    wins = sum((g > i) + 0.5 * (g == i) for g in genuine for i in impostor)
    assert rates_of(genuine, impostor).auc == pytest.approx(wins / (len(genuine) * len(impostor)))


@given(SCORES, SCORES, RATES)
def test_threshold_at_an_fmr_is_the_smallest_one_within_it(genuine, impostor, rate):
    rates = rates_of(genuine, impostor)
    threshold = rates.threshold_at_fmr(rate)
    assert rates.fmr(threshold) <= rate
    if rate < 1.0:
        # One float below it, an impostor score matches that is one too many: a threshold that were merely the next
        # score, or a quantile between two scores, fails here.
        assert rates.fmr(math.nextafter(threshold, -math.inf)) > rate


@given(SCORES, SCORES, st.lists(st.integers(-10, 10).map(lambda step: step / 9), min_size=2, max_size=2))
def test_fnmr_never_falls_and_fmr_never_rises_with_the_threshold(genuine, impostor, thresholds):
    rates, (low, high) = rates_of(genuine, impostor), sorted(thresholds)
    assert rates.fnmr(low) <= rates.fnmr(high)
    assert rates.fmr(low) >= rates.fmr(high)


@given(SCORES, SCORES)
def test_fnmr_at_a_stricter_fmr_is_never_lower(genuine, impostor):
    rates = rates_of(genuine, impostor)
    assert rates.fnmr(rates.threshold_at_fmr(1e-3)) >= rates.fnmr(rates.threshold_at_fmr(1e-1))


@given(SCORES, SCORES)
def test_balanced_accuracy_is_reached_at_its_threshold_and_nowhere_beaten(genuine, impostor):
    rates = rates_of(genuine, impostor)
    at_best = 1 - (rates.fmr(rates.best_threshold) + rates.fnmr(rates.best_threshold)) / 2
    assert rates.balanced_accuracy == pytest.approx(at_best)
    for threshold in np.linspace(-1.1, 1.1, 45):
        assert 1 - (rates.fmr(threshold) + rates.fnmr(threshold)) / 2 <= rates.balanced_accuracy + 1e-12


@given(SCORES, SCORES)
def test_equal_error_rate_is_never_above_the_larger_rate_at_any_threshold(genuine, impostor):
    rates = rates_of(genuine, impostor)
    assert min(max(rates.fmr(t), rates.fnmr(t)) for t in [*genuine, *impostor, 2.0]) >= rates.eer - 1e-12
    assert 0.0 <= rates.eer <= 1.0
