"""The calibrated similarity: one scale for all packs."""

import math

_EXPONENT_LIMIT = 700.0
"""exp() of a float64 overflows just above 709."""


def similarity(score: float, threshold: float, slope: float) -> float:
    """Maps a comparison score to 0..1, the same meaning in every pack.

    Source: logistic calibration; `slope` comes with the pack's calibration.

    Args:
        score: comparison score, -1..1.
        threshold: comparison score that maps to exactly 0.5.
        slope: steepness per unit of score, positive.

    Returns:
        0..1, higher = more alike; 0 for a score that is not a number.
    """
    exponent = -slope * (score - threshold)
    if math.isnan(exponent):
        return 0.0
    return 1.0 / (1.0 + math.exp(max(-_EXPONENT_LIMIT, min(_EXPONENT_LIMIT, exponent))))
