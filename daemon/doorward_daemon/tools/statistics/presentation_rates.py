"""What a liveness score can do at other thresholds than the one in force (ISO/IEC 30107-3: BPCER10, BPCER20)."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def bpcer_at_apcer(
    bona_fide: NDArray[np.float64], attacks: Mapping[str, NDArray[np.float64]], apcer: float
) -> float | None:
    """Share of bona fide presentations refused at the lowest threshold at which no species passes more often.

    Args:
        bona_fide: their scores, higher = more like a living person; at least one.
        attacks: scores per species.
        apcer: what every species may pass at most, e.g. 0.1 for BPCER10.

    Returns:
        The share; None where a species is too small to show such a rate, or there is none.
    """
    if not attacks or min(len(scores) for scores in attacks.values()) * apcer < 1.0:
        return None
    threshold = max(_threshold(scores, apcer) for scores in attacks.values())
    return float(np.mean(bona_fide < threshold))


def _threshold(scores: NDArray[np.float64], apcer: float) -> float:
    """The lowest threshold that at most a share of the scores reaches."""
    allowed = math.floor(apcer * len(scores) + 1e-9)
    return float(np.nextafter(np.sort(scores)[::-1][allowed], np.inf))
