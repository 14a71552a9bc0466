"""How far the error rates of one set of people may be from those of others: people are drawn anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 200
"""Samples of people drawn."""
_FEWEST_DRAWS = 40
"""Fewer samples with pairs of both kinds make no interval."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapRates:
    """95 % intervals."""

    auc: Interval
    """Of the area under the ROC."""
    eer: Interval
    """Of the equal error rate."""
    fnmr: tuple[Interval, ...]
    """Of the false non-match rate at each false match rate asked for."""


class PersonBootstrap:
    """All pairs of a set of pictures, with the persons they belong to.

    Pairs that share a person are not independent, so that people are drawn, not pairs.

    Source: percentile bootstrap (Efron, Ann. Stat. 7, 1979) over persons, as ISO/IEC 19795-1 asks.

    Args:
        vectors: (N, D) float32, templates of length 1.
        persons: whose picture each is, N of them.
    """

    def __init__(self, vectors: NDArray[np.float32], persons: Sequence[str]) -> None:
        names, numbers = np.unique(np.asarray(persons), return_inverse=True)
        self._persons = len(names)
        first, second = np.triu_indices(len(vectors), k=1)
        scores = (vectors.astype(np.float64) @ vectors.astype(np.float64).T)[first, second]
        order = np.argsort(scores, kind="stable")
        scores, first, second = scores[order], numbers[first[order]], numbers[second[order]]
        same = first == second
        self._genuine, self._mated = scores[same], first[same]
        self._impostor, self._one, self._other = scores[~same], first[~same], second[~same]
        # How many genuine scores miss where the threshold lies just behind the j-th lowest impostor score.
        self._missed = np.concatenate([[0], np.searchsorted(self._genuine, self._impostor, side="right")])
        self._left = np.searchsorted(self._impostor, self._genuine, side="left")
        self._right = np.searchsorted(self._impostor, self._genuine, side="right")

    def rates(self, fmrs: Sequence[float], draws: int = DRAWS, seed: int = 0) -> BootstrapRates | None:
        """Intervals of the usual rates.

        Args:
            fmrs: false match rates at which the false non-match rate is wanted.
            draws: samples drawn.
            seed: of the drawing.

        Returns:
            None where too few samples hold pairs of both kinds.
        """
        rng = np.random.default_rng(seed)
        found = [sample for _ in range(draws) if (sample := self._sample(rng, fmrs)) is not None]
        if len(found) < min(_FEWEST_DRAWS, draws):
            return None
        low, high = np.percentile(np.asarray(found), [2.5, 97.5], axis=0)
        auc, eer, *fnmr = ((float(lower), float(upper)) for lower, upper in zip(low, high, strict=True))
        return BootstrapRates(auc, eer, tuple(fnmr))

    def _sample(self, rng: np.random.Generator, fmrs: Sequence[float]) -> list[float] | None:
        times = np.bincount(rng.integers(self._persons, size=self._persons), minlength=self._persons).astype(np.float64)
        genuine = np.concatenate([[0.0], np.cumsum(times[self._mated])])
        impostor = np.concatenate([[0.0], np.cumsum(times[self._one] * times[self._other])])
        if genuine[-1] == 0.0 or impostor[-1] == 0.0:
            return None
        above = times[self._mated] @ (impostor[self._left] + impostor[self._right]) / 2
        fnmr, fmr = genuine[self._missed] / genuine[-1], 1.0 - impostor / impostor[-1]
        crossing = int(np.argmin(np.abs(fnmr - fmr)))
        at = np.searchsorted(impostor, [impostor[-1] * (1.0 - rate) - 1e-9 for rate in fmrs])
        return [above / (genuine[-1] * impostor[-1]), (fnmr[crossing] + fmr[crossing]) / 2, *fnmr[at]]
