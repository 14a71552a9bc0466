"""How high the comparison scores of different people go, where too few pairs were compared to count it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.statistics.error_rates import threshold_at_fmr

TAIL_SHARE = 0.05
"""Share of the highest scores the tail is fitted to."""
FEWEST_IN_TAIL = 20
"""Fewer scores than this make no tail."""
COUNTED_ERRORS = 30
"""From so many errors on a rate is counted and not fitted: the "rule of 30" of ISO/IEC 19795-1."""


@dataclass(frozen=True, slots=True)
class ParetoTail:
    """Generalised Pareto distribution of the scores above a level."""

    level: float
    """Score where the tail begins."""
    share: float
    """Share of all scores above it."""
    shape: float
    """Shape; negative = the tail has an end."""
    scale: float
    """Scale, in units of the score, positive."""

    @classmethod
    def of(cls, impostor: NDArray[np.float64]) -> "ParetoTail":
        """Fits the tail by probability-weighted moments.

        Source: peaks over threshold (Pickands, Ann. Stat. 3, 1975); moments in closed form (Hosking and Wallis,
        Technometrics 29, 1987): with a0 the mean excess and a1 the mean of excess times the share of larger ones,
        shape = 2 - a0 / (a0 - 2 a1) and scale = 2 a0 a1 / (a0 - 2 a1).

        Args:
            impostor: (I,) float64, rising; at least FEWEST_IN_TAIL scores.

        Raises:
            ValueError: the tail is too small, or its scores are all alike.
        """
        count = max(FEWEST_IN_TAIL, int(len(impostor) * TAIL_SHARE))
        if count >= len(impostor):
            raise ValueError(f"impostor: expected more than {count} scores, found {len(impostor)}")
        level = float(impostor[-count - 1])
        excess = impostor[-count:] - level
        mean = float(excess.mean())
        weighted = float((excess * (np.arange(count)[::-1] / (count - 1))).mean())
        if mean - 2 * weighted <= 0 or weighted <= 0:
            raise ValueError("impostor: the highest scores are all alike, there is no tail to fit")
        ratio = mean / (mean - 2 * weighted)
        return cls(level, count / len(impostor), 2 - ratio, 2 * weighted * ratio)

    def score_at(self, rate: float) -> float:
        """Score that a share `rate` of impostor scores exceeds; `rate` at most `share`."""
        log_ratio = math.log(self.share / rate)
        # The limit for shape 0 is the exponential distribution.
        grown = log_ratio if abs(self.shape) < 1e-9 else math.expm1(self.shape * log_ratio) / self.shape
        return self.level + self.scale * grown


def estimate_threshold(impostor: NDArray[np.float64], rate: float) -> float:
    """Threshold at a false match rate from the impostor scores there are.

    Counted where at least COUNTED_ERRORS scores lie above it. Else read off the fitted tail. Beyond what the pairs can
    show, less than one of them, it goes on by as much per decade as over the last decade they show: an exponential
    tail, thicker than the fitted one, because an extrapolation has to err on the safe side.

    Args:
        impostor: (I,) float64, rising.
        rate: false match rate, above 0.

    Returns:
        Threshold, at most 1.

    Raises:
        ValueError: the scores are too few or too much alike to say.
    """
    strictest_shown = 1.0 / len(impostor)
    if rate >= strictest_shown:
        return min(1.0, _shown_threshold(impostor, rate))
    shown = _shown_threshold(impostor, strictest_shown)
    per_decade = shown - _shown_threshold(impostor, 10 * strictest_shown)
    return min(1.0, shown + max(0.0, per_decade) * math.log10(strictest_shown / rate))


def _shown_threshold(impostor: NDArray[np.float64], rate: float) -> float:
    if rate * len(impostor) >= COUNTED_ERRORS:
        return threshold_at_fmr(impostor, rate)
    return ParetoTail.of(impostor).score_at(rate)
