"""Compares every picture with every other one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.array import freeze


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """All unordered pairs of a set of pictures, each once, none with itself."""

    genuine: NDArray[np.float64]
    """(G,) float64: comparison scores of pairs of one person, -1..1."""
    genuine_quality: NDArray[np.float64]
    """(G,) float64: the lower quality score of each of those pairs, 0..1."""
    impostor: NDArray[np.float64]
    """(I,) float64: comparison scores of pairs of two persons, -1..1."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.genuine, "genuine", (None,), "float64")
        freeze(self.genuine_quality, "genuine_quality", (len(self.genuine),), "float64")
        freeze(self.impostor, "impostor", (None,), "float64")


def compare_all(
    vectors: NDArray[np.float32], persons: Sequence[str], quality: Sequence[float] | NDArray[np.float64]
) -> PairScores:
    """Compares all pairs.

    Args:
        vectors: (N, D) float32, templates of length 1.
        persons: name of the person of each, N of them.
        quality: quality score of each, N of them, 0..1.
    """
    names = np.unique(np.asarray(persons), return_inverse=True)[1]
    first, second = np.triu_indices(len(vectors), k=1)
    scores = (vectors.astype(np.float64) @ vectors.astype(np.float64).T)[first, second]
    lower = np.minimum(np.asarray(quality, np.float64)[first], np.asarray(quality, np.float64)[second])
    same = names[first] == names[second]
    return PairScores(scores[same], lower[same], scores[~same])
