"""The constants of a pack that are read off its scores."""

import math

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.statistics.error_rates import ErrorRates

LEAD_LOSS = 0.005
"""Share of right answers the margin may cost."""
_STEEPEST = 1000.0


def fit_slope(genuine: NDArray[np.float64], impostor: NDArray[np.float64], threshold: float) -> float:
    """Slope of similarity = 1 / (1 + exp(-slope * (score - threshold))).

    The most likely one where a pair is as often of one person as of two, with Platt's smoothed targets, so that it
    stays finite where the scores do not overlap; found by bisection of the derivative, which rises.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999; the threshold is held at 0.5.

    Args:
        genuine: (G,) float64.
        impostor: (I,) float64.
        threshold: score that maps to 0.5.

    Returns:
        Slope per unit of score, positive.
    """
    right, wrong = genuine - threshold, impostor - threshold
    aim_right, aim_wrong = 1 - 1 / (len(right) + 2), 1 / (len(wrong) + 2)

    def derivative(slope: float) -> float:
        return float((right * (_logistic(slope * right) - aim_right)).mean()
                     + (wrong * (_logistic(slope * wrong) - aim_wrong)).mean())  # fmt: skip

    low, high = 1e-3, _STEEPEST
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (middle, high) if derivative(middle) < 0 else (low, middle)
    return low


def widest_margin(leads: NDArray[np.float64]) -> float:
    """The largest margin that costs at most LEAD_LOSS of the right answers.

    Args:
        leads: (N,) float64: of probes whose own subject came closest and passed the threshold, by how much it led every
            other subject; at least one.

    Returns:
        Margin in units of the score, never negative.
    """
    return max(0.0, float(np.quantile(leads, LEAD_LOSS, method="lower")))


def parting_norm(kept: NDArray[np.float64], lost: NDArray[np.float64]) -> float:
    """Embedding norm at which identity is lost as often as kept, were spoiled pictures of both kinds equally common.

    Args:
        kept: (K,) float64: norms of spoiled pictures that are still the person.
        lost: (L,) float64: norms of those that are not.

    Returns:
        The norm where the misses of both kinds together are fewest, in the middle of the gap it lies in.
    """
    rates = ErrorRates.of(kept, lost)
    parting = rates.best_threshold
    below = np.concatenate([kept[kept < parting], lost[lost < parting]])
    return (parting + float(np.max(below))) / 2 if len(below) else parting


def round_up(score: float, decimals: int = 3) -> float:
    """A threshold as written down: never looser than measured."""
    factor = 10**decimals
    return float(math.ceil(score * factor - 1e-9) / factor)


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -700.0, 700.0))))
