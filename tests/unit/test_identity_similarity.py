"""Similarity puts every pack's scores on one scale."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.identity import similarity

NUMBERS = st.floats(-1.0, 1.0)


@given(NUMBERS, st.floats(0.1, 1000.0))
def test_the_threshold_is_exactly_one_half(threshold: float, slope: float):
    assert similarity(threshold, threshold, slope) == 0.5


@given(NUMBERS, NUMBERS, NUMBERS, st.floats(0.1, 1000.0))
def test_a_higher_score_is_never_less_similar(one: float, other: float, threshold: float, slope: float):
    low, high = sorted((one, other))
    assert 0.0 <= similarity(low, threshold, slope) <= similarity(high, threshold, slope) <= 1.0


def test_a_score_that_is_no_number_is_not_similar():
    assert similarity(math.nan, 0.4, 10.0) == 0.0


@pytest.mark.parametrize(("score", "limit"), [(math.inf, 1.0), (-math.inf, 0.0), (1e300, 1.0), (-1e300, 0.0)])
def test_a_score_beyond_all_bounds_does_not_overflow(score: float, limit: float):
    assert similarity(score, 0.4, 10.0) == pytest.approx(limit)
