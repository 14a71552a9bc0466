"""The tail of impostor scores: known tails are found again, and beyond the data it errs on the strict side."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from doorward_daemon.tools.statistics.tail import ParetoTail, estimate_threshold


def quantiles_of(inverse, count):
    """The scores a perfect sample would have: the middle of each of `count` equal shares."""
    return np.asarray([inverse((number + 0.5) / count) for number in range(count)], np.float64)


def test_an_exponential_tail_has_shape_zero_and_its_own_scale():
    scores = quantiles_of(lambda share: -0.05 * math.log1p(-share), 20_000)
    tail = ParetoTail.of(scores)
    assert tail.shape == pytest.approx(0.0, abs=0.02)
    assert tail.scale == pytest.approx(0.05, rel=0.03)
    assert tail.score_at(1e-5) == pytest.approx(-0.05 * math.log(1e-5), rel=0.03)


def test_a_uniform_tail_ends_where_the_scores_end():
    tail = ParetoTail.of(quantiles_of(lambda share: share, 20_000))
    assert tail.shape == pytest.approx(-1.0, abs=0.02)
    assert tail.score_at(1e-9) == pytest.approx(1.0, abs=1e-3)


def test_a_rate_with_many_errors_is_counted_and_not_fitted():
    scores = quantiles_of(NormalDist(0.0, 0.1).inv_cdf, 10_000)
    assert estimate_threshold(scores, 1e-2) == math.nextafter(float(scores[-101]), math.inf)


def test_a_rate_that_the_pairs_barely_show_is_close_to_the_truth():
    truth = NormalDist(0.0, 0.1)
    scores = quantiles_of(truth.inv_cdf, 10_000)
    assert estimate_threshold(scores, 1e-3) == pytest.approx(truth.inv_cdf(1 - 1e-3), abs=0.01)


def test_beyond_the_data_the_last_decade_goes_on_and_errs_on_the_strict_side():
    truth = NormalDist(0.0, 0.1)
    scores = quantiles_of(truth.inv_cdf, 2_000)
    beyond = estimate_threshold(scores, 1e-5)
    assert ParetoTail.of(scores).score_at(1e-5) < truth.inv_cdf(1 - 1e-5) < beyond < 0.6


def test_beyond_the_data_an_exponential_tail_is_met():
    scores = quantiles_of(lambda share: -0.05 * math.log1p(-share), 20_000)
    assert estimate_threshold(scores, 1e-7) == pytest.approx(-0.05 * math.log(1e-7), rel=0.05)


def test_stricter_rates_never_have_lower_thresholds_nor_thresholds_above_one():
    scores = np.sort(np.random.default_rng(3).normal(0.3, 0.2, 5_000))
    found = [estimate_threshold(scores, rate) for rate in (1e-1, 1e-2, 3e-3, 1e-3, 1e-4, 1e-5)]
    assert found == sorted(found)
    assert found[-1] <= 1.0


@pytest.mark.parametrize("scores", [[0.1] * 10, [0.1] * 200])
def test_scores_that_make_no_tail_are_refused(scores):
    with pytest.raises(ValueError, match="impostor"):
        estimate_threshold(np.asarray(scores, np.float64), 1e-4)
