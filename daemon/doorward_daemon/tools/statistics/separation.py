"""How well one number tells two kinds of pictures or pairs apart."""

import math

import numpy as np
from numpy.typing import NDArray


def auroc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Area under the receiver operating characteristic.

    Source: equals the Mann-Whitney statistic over the number of pairs (Hanley and McNeil, Radiology 143, 1982): the
    chance that a positive scores above a negative, ties counted half.

    Args:
        positive: (P,) float64, scores that ought to be high; at least one.
        negative: (N,) float64, scores that ought to be low; at least one.

    Returns:
        0..1; 1 = all positives above all negatives, 0.5 = no better than chance.
    """
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below.sum() + not_above.sum()) / (2 * len(positive) * len(negative)))


def fpr_at_tpr(positive: NDArray[np.float64], negative: NDArray[np.float64], tpr: float) -> float:
    """Share of negatives that pass where the strictest threshold is set that still passes a share of the positives.

    Args:
        positive: (P,) float64; passes where score >= threshold; at least one.
        negative: (N,) float64; at least one.
        tpr: share of positives that must pass, above 0, at most 1.

    Returns:
        0..1, lower is better.
    """
    needed = min(len(positive), max(1, math.ceil(tpr * len(positive) - 1e-9)))
    threshold = np.sort(positive)[len(positive) - needed]
    return float(np.mean(negative >= threshold))
