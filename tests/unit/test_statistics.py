"""The smaller measures: pairs, separation, intervals, open-set rates, spreads."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.tools.statistics import (
    SearchResult,
    Spread,
    auroc,
    compare_all,
    fpr_at_tpr,
    open_set_rates,
    wilson_interval,
)


def numbers(*values: float):
    return np.asarray(values, np.float64)


def test_every_pair_is_compared_once_and_no_picture_with_itself():
    vectors = np.eye(4, dtype=np.float32)
    vectors[3] = vectors[0]
    pairs = compare_all(vectors, ["ann", "ann", "bob", "bob"], [0.9, 0.2, 0.8, 0.4])
    assert len(pairs.genuine) == 2
    assert len(pairs.impostor) == 4
    assert sorted(pairs.impostor) == [0.0, 0.0, 0.0, 1.0]


def test_a_pair_is_as_good_as_its_worse_picture():
    vectors = np.eye(3, dtype=np.float32)
    pairs = compare_all(vectors, ["ann", "ann", "ann"], [0.9, 0.2, 0.8])
    assert list(pairs.genuine_quality) == [0.2, 0.8, 0.2]


def test_pairs_of_persons_count_as_combinations_do():
    persons = [name for name in "abcdef" for _ in range(10)]
    vectors = np.random.default_rng(1).normal(size=(60, 8)).astype(np.float32)
    pairs = compare_all(vectors, persons, [1.0] * 60)
    assert (len(pairs.genuine), len(pairs.impostor)) == (270, 1500)


def test_auroc_counts_ties_half():
    assert auroc(numbers(0.5, 0.9), numbers(0.5, 0.1)) == pytest.approx(3.5 / 4)


def test_false_positives_are_counted_at_the_strictest_threshold_that_passes_the_share():
    positive = numbers(*(step / 20 for step in range(1, 21)))  # 0.05 .. 1.0; 19 of 20 pass at 0.10
    assert fpr_at_tpr(positive, numbers(0.09, 0.10, 0.5, 0.0), 0.95) == 0.5
    assert fpr_at_tpr(positive, numbers(0.04, 0.05), 1.0) == 0.5


def test_no_error_in_n_trials_gives_about_three_over_n():
    low, high = wilson_interval(0, 1000)
    assert low == 0.0
    assert high == pytest.approx(3.84e-3, rel=0.01)


def test_wilson_interval_of_a_published_example():
    # Brown, Cai, DasGupta (2001) and Newcombe (1998): 81 of 263 gives 0.2553 to 0.3662.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_rate_it_was_counted_from(counted):
    errors, trials = counted
    low, high = wilson_interval(errors, trials)
    assert 0.0 <= low <= errors / trials <= high <= 1.0
    mirrored = wilson_interval(trials - errors, trials)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_searches_are_counted_by_what_was_named():
    rates = open_set_rates([
        SearchResult(mate="ann", named="ann", closest="ann"),
        SearchResult(mate="ann", named=None, closest="ann"),  # below threshold or margin
        SearchResult(mate="ann", named="bob", closest="bob"),  # somebody else: a miss as well
        SearchResult(mate="ann", named=None, closest=None),  # refused by the gate
        SearchResult(mate=None, named=None, closest="bob"),
        SearchResult(mate=None, named="bob", closest="bob"),
        SearchResult(mate=None, named=None, closest=None),
    ])  # fmt: skip
    assert (rates.n_mated, rates.n_nonmated) == (4, 3)
    assert rates.fnir == 3 / 4
    assert rates.rank1 == 2 / 4
    assert rates.fpir == 1 / 3


def test_rates_without_a_search_are_absent_and_not_zero():
    rates = open_set_rates([])
    assert (rates.fpir, rates.fnir, rates.rank1) == (None, None, None)


def test_a_spread_is_smallest_median_and_near_worst():
    spread = Spread.of([float(value) for value in range(1, 102)])
    assert (spread.min, spread.p50, spread.p99) == (1.0, 51.0, 100.0)
    assert math.isclose(Spread.of([2.5]).p99, 2.5)
