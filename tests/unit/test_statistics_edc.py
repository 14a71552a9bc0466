"""Error versus discard: by hand, with equal qualities, and as properties."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.tools.statistics import error_versus_discard

PAIRS = st.lists(st.tuples(st.integers(-8, 8), st.integers(0, 4)), min_size=1, max_size=40)


def curve(genuine, quality, threshold):
    points = error_versus_discard(np.asarray(genuine, np.float64), np.asarray(quality, np.float64), threshold)
    return {point.discard: point.fnmr for point in points}


def test_errors_of_the_worst_quality_go_first():
    genuine = [0.1, 0.2] + [0.9] * 8
    quality = [0.0, 0.1] + [0.5 + step / 100 for step in range(8)]
    found = curve(genuine, quality, 0.5)
    assert found[0.0] == pytest.approx(2 / 10)
    assert found[0.05] == pytest.approx(2 / 10)  # half a comparison cannot be discarded
    assert found[0.1] == pytest.approx(1 / 9)
    assert found[0.2] == 0.0


def test_errors_of_the_best_quality_weigh_more_and_more():
    found = curve([0.9] * 9 + [0.1], [step / 10 for step in range(10)], 0.5)
    assert found[0.0] == pytest.approx(0.1)
    assert found[0.5] == pytest.approx(0.2)


def test_comparisons_of_equal_quality_are_discarded_in_equal_parts_whatever_their_order():
    forward, backward = [0.1, 0.1, 0.9, 0.9], [0.9, 0.9, 0.1, 0.1]
    assert curve(forward, [0.5] * 4, 0.5) == curve(backward, [0.5] * 4, 0.5)
    assert curve(forward, [0.5] * 4, 0.5)[0.5] == pytest.approx(0.5)


@given(PAIRS, st.integers(-9, 9))
def test_the_first_point_is_the_fnmr_of_the_full_set(pairs, threshold):
    genuine = [score / 8 for score, _ in pairs]
    found = curve(genuine, [quality / 4 for _, quality in pairs], threshold / 8)
    assert found[0.0] == pytest.approx(np.mean([score < threshold / 8 for score in genuine]))


@given(PAIRS, st.integers(-9, 9), st.randoms())
def test_the_order_of_the_comparisons_does_not_tell(pairs, threshold, random):
    shuffled = random.sample(pairs, len(pairs))
    sides = [
        curve([score / 8 for score, _ in side], [quality for _, quality in side], threshold / 8)
        for side in (pairs, shuffled)
    ]
    assert sides[0] == pytest.approx(sides[1])


@given(PAIRS)
def test_a_quality_that_equals_the_score_never_makes_things_worse(pairs):
    genuine = [score / 8 for score, _ in pairs]
    rates = list(curve(genuine, genuine, 0.0).values())
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(rates))
