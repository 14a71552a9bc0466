"""The comparison score that keeps false matches at a wanted rate, read off a pack's calibration."""

import math
from collections.abc import Sequence
from itertools import pairwise

OPERATING_FMR = 1e-3
"""False match rate of the operating point: the threshold of one comparison, and the loosest one a search may use."""


def fmr_for_fpir(target_fpir: float, gallery_subjects: int) -> float:
    """Rate of false matches per comparison that a search over so many subjects can afford.

    Source: FPIR = 1 - (1 - FMR)^N for independent comparisons (ISO/IEC 19795-1), solved for FMR.

    Args:
        target_fpir: share of searches by strangers that may name anybody, between 0 and 1.
        gallery_subjects: subjects searched; below one counts as one.

    Returns:
        False match rate, 0..1, falling with the gallery's size.
    """
    # log1p and expm1: 1 - (1 - fpir)^(1/N) loses all its digits in float64 for large galleries.
    return -math.expm1(math.log1p(-target_fpir) / max(1, gallery_subjects))


class ThresholdCurve:
    """Threshold over false match rate, linear in the logarithm of the rate between the measured points.

    Beyond the strictest measured rate the curve goes on with its last slope: the tail of impostor scores thins out, so
    that this asks for rather more than is needed. Above the loosest measured rate the
    loosest measured threshold stays: nothing looser was ever tried. No threshold passes 1, the score of a picture with
    itself.

    Args:
        thresholds_at_fmr: (false match rate, comparison score) pairs, rates falling, scores rising; at least two.

    Raises:
        ValueError: the pairs are too few, out of order, or no rates and scores at all.
    """

    def __init__(self, thresholds_at_fmr: Sequence[tuple[float, float]]) -> None:
        _check(thresholds_at_fmr)
        self._points = tuple((math.log10(rate), score) for rate, score in thresholds_at_fmr)
        (loose, low), (strict, high) = self._points[-2:]
        self._last_slope = (high - low) / (loose - strict)

    def threshold_at(self, fmr: float) -> float:
        """Comparison score from which at most a share `fmr` of different people match.

        Args:
            fmr: false match rate, above 0.

        Returns:
            Threshold, -1..1; a score at or above it passes. Never falls when `fmr` falls.
        """
        wanted = math.log10(fmr)
        if wanted >= self._points[0][0]:
            return self._points[0][1]
        for (loose, low), (strict, high) in pairwise(self._points):
            if wanted >= strict:
                return low + (high - low) * (loose - wanted) / (loose - strict)
        strictest, score = self._points[-1]
        return min(1.0, score + self._last_slope * (strictest - wanted))


def _check(points: Sequence[tuple[float, float]]) -> None:
    if len(points) < 2:
        raise ValueError(f"thresholds_at_fmr: expected at least two pairs, found {len(points)}")
    if not all(0.0 < rate < 1.0 and -1.0 <= score <= 1.0 for rate, score in points):
        raise ValueError(f"thresholds_at_fmr: expected rates in 0..1 and scores in -1..1, found {list(points)}")
    for (loose, low), (strict, high) in pairwise(points):
        if strict >= loose or high < low:
            raise ValueError(f"thresholds_at_fmr: expected rates falling and scores rising, found {list(points)}")
