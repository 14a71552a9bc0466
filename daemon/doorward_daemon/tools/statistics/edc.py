"""Error versus discard characteristic (ISO/IEC 29794-1): does throwing away what the quality score dislikes help?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DISCARDS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Shares of the mated comparisons discarded, worst quality first."""


@dataclass(frozen=True, slots=True)
class EdcPoint:
    """One point of the characteristic."""

    discard: float
    """Share of the mated comparisons discarded, 0..1."""
    fnmr: float
    """False non-match rate of the rest, 0..1."""


def error_versus_discard(
    genuine: NDArray[np.float64], quality: NDArray[np.float64], threshold: float
) -> tuple[EdcPoint, ...]:
    """False non-match rate of what is left when the comparisons of lowest quality are discarded.

    Source: ISO/IEC 29794-1: the threshold stays what it is on the full set; the quality of a comparison is the lower
    one of its two pictures. Comparisons of equal quality are discarded in equal parts, so that no order of files tells.

    Args:
        genuine: (G,) float64, mated comparison scores; at least one.
        quality: (G,) float64, quality of each comparison, higher is better.
        threshold: scores below it are false non-matches.
    """
    rising, group = np.unique(quality, return_inverse=True)
    counts = np.bincount(group, minlength=len(rising))
    # Within a group of equal quality every comparison carries the group's mean error.
    mean_error = np.bincount(group, weights=genuine < threshold, minlength=len(rising)) / counts
    errors = np.repeat(mean_error, counts)
    left = [(share, errors[math.floor(share * len(errors) + 1e-9) :]) for share in DISCARDS]
    return tuple(EdcPoint(share, float(rest.mean())) for share, rest in left)
