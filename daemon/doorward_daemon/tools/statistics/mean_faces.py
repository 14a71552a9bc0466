"""Mean faces of a crowd, and how much crowding its strangers can have before a threshold must rise."""

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 30


def mean_faces(vectors: NDArray[np.float64], count: int, least_members: int, seed: int) -> NDArray[np.float64]:
    """Directions in whose neighbourhood many faces lie (spherical k-means).

    Source: Dhillon and Modha, "Concept decompositions for large sparse text data using clustering", 2001.

    Args:
        vectors: (N, D) float64, length 1 each.
        count: directions looked for; fewer where there are fewer faces.
        least_members: faces a direction is the mean of; one of fewer would be somebody's template, and is left out.
        seed: of the first guess.

    Returns:
        (K, D) float64, length 1 each, K <= count.
    """
    rng = np.random.default_rng(seed)
    centres = vectors[rng.choice(len(vectors), min(count, len(vectors)), replace=False)]
    for _ in range(_ROUNDS):
        nearest = np.argmax(vectors @ centres.T, axis=1)
        members = np.bincount(nearest, minlength=len(centres))
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, vectors)
        # A direction nobody is closest to starts again at some face.
        sums[members == 0] = vectors[rng.integers(len(vectors), size=int((members == 0).sum()))]
        centres = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    members = np.bincount(np.argmax(vectors @ centres.T, axis=1), minlength=len(centres))
    return np.asarray(centres[members >= least_members])


def normal_crowding(scores: NDArray[np.float64], crowding: NDArray[np.float64], threshold: float, fmr: float) -> float:
    """Crowding above which a threshold must rise by the excess, so that these pairs keep a false match rate.

    Args:
        scores: (P,) float64, comparison scores of pairs of different people.
        crowding: (P,) float64, crowding of each pair.
        threshold: comparison score from which a pair matches.
        fmr: share of the pairs that may.

    Returns:
        The largest such crowding, -1..1, found by bisection: the share rises with it.
    """
    low, high = -1.0, 1.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        matched = float((scores - np.maximum(0.0, crowding - middle) >= threshold).mean())
        low, high = (middle, high) if matched <= fmr else (low, middle)
    return low
