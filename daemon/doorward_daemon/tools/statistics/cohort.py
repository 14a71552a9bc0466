"""Comparisons of different people within one group of photos, or between two groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.statistics.tail import estimate_threshold

FEWEST_PAIRS = 100
"""Draws with fewer pairs tell nothing and are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Photos and whose they are."""

    vectors: NDArray[np.float32]
    """(N, D) float32, templates of length 1."""
    persons: NDArray[np.intp]
    """(N,) number of the person of each photo; a photo whose person nobody knows has a number of its own."""

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Photos of as many persons as there are, drawn with replacement."""
        known = np.unique(self.persons)
        drawn = rng.choice(known, size=len(known), replace=True)
        return np.concatenate([np.flatnonzero(self.persons == person) for person in drawn])


@dataclass(frozen=True, slots=True, eq=False)
class ImpostorCohort:
    """Comparison scores of different people.

    Where nobody has said who is who, pairs that score above a look-alike limit are taken to be two photos of one person
    and are left out.
    """

    scores: NDArray[np.float64]
    """(R, C) float64: comparison scores of rows against columns."""
    rows: Crowd
    """Whose photos the rows are."""
    columns: Crowd | None
    """Whose photos the columns are; None where they are the rows' again, and each pair counts once."""
    look_alike_limit: float
    """Pairs above are left out; infinity leaves out none."""

    @classmethod
    def within(cls, crowd: Crowd, look_alike_limit: float = np.inf) -> "ImpostorCohort":
        """Everybody against everybody else of one group."""
        return cls(_products(crowd, crowd), crowd, None, look_alike_limit)

    @classmethod
    def between(cls, rows: Crowd, columns: Crowd) -> "ImpostorCohort":
        """Everybody of one group against everybody of another one, who are all different people."""
        return cls(_products(rows, columns), rows, columns, np.inf)

    def impostor(self) -> NDArray[np.float64]:
        """(I,) float64, rising: the scores that count."""
        return self._select(np.arange(self.scores.shape[0]), np.arange(self.scores.shape[1]))

    @property
    def n_excluded(self) -> int:
        """Pairs above the look-alike limit."""
        unlimited = ImpostorCohort(self.scores, self.rows, self.columns, np.inf)
        return len(unlimited.impostor()) - len(self.impostor())

    def threshold_spread(self, rates: Sequence[float], draws: int, seed: int = 0) -> list[tuple[float, float]]:
        """How far the threshold at each rate may be from the true one: 95 % of what other people would have given.

        Pairs that share a photo are not independent, so that people are drawn anew, not pairs.

        Source: percentile bootstrap (Efron, Ann. Stat. 7, 1979) over persons; ISO/IEC 19795-1 asks for person-level
        resampling.

        Args:
            rates: false match rates.
            draws: samples drawn.
            seed: of the drawing.

        Returns:
            Lower and upper end per rate.
        """
        found = np.asarray(
            [[estimate_threshold(sample, rate) for rate in rates] for sample in self._draws(draws, seed)]
        )
        if not len(found):
            return [(-1.0, 1.0) for _ in rates]
        low, high = np.percentile(found, [2.5, 97.5], axis=0)
        return [(float(lower), float(upper)) for lower, upper in zip(low, high, strict=True)]

    def _draws(self, draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
        rng = np.random.default_rng(seed)
        for _ in range(draws):
            rows = self.rows.draw(rng)
            columns = rows if self.columns is None else self.columns.draw(rng)
            sample = self._select(rows, columns)
            # A draw of one person only has nobody to be compared with.
            if len(sample) > FEWEST_PAIRS:
                yield sample

    def _select(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float64]:
        scores = self.scores[np.ix_(rows, columns)]
        counted = scores <= self.look_alike_limit
        if self.columns is None:
            counted &= self.rows.persons[rows][:, None] != self.rows.persons[columns][None, :]
            counted &= np.triu(np.ones(scores.shape, bool), k=1)
        return np.sort(scores[counted])


def _products(rows: Crowd, columns: Crowd) -> NDArray[np.float64]:
    return rows.vectors.astype(np.float64) @ columns.vectors.astype(np.float64).T
