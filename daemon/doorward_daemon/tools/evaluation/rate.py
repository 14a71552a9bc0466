"""A rate that was counted, with how far it may be from the true one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.statistics import auroc, wilson_interval


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % interval."""

    share: float
    """The share, 0..1."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""
    trials: int
    """What it was counted over."""

    @classmethod
    def counted(cls, hits: int, trials: int) -> "Rate | None":
        """A share of independent trials, with Wilson's interval; None without any."""
        return None if trials == 0 else cls(hits / trials, *wilson_interval(hits, trials), trials)

    @classmethod
    def of(cls, hits: Iterable[bool]) -> "Rate | None":
        """The share of what is true."""
        known = list(hits)
        return cls.counted(sum(known), len(known))


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its 95 % interval, where there was enough to tell one."""

    value: float
    """The figure."""
    low: float | None = None
    """Lower end; None where the sample is too small for one."""
    high: float | None = None
    """Upper end."""


def auroc_of(good: NDArray[np.float64], bad: NDArray[np.float64]) -> Measured | None:
    """The chance that a good picture scores above a bad one; None where one side is empty.

    Source: standard error of Hanley and McNeil, Radiology 143 (1982) 29; copies of one photo are taken as independent,
    which makes the interval too narrow.
    """
    if not len(good) or not len(bad):
        return None
    area = auroc(good, bad)
    above, below = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (len(good) - 1) * (above - area**2) + (len(bad) - 1) * (below - area**2)
    half = 1.96 * float(np.sqrt(max(0.0, spread) / (len(good) * len(bad))))
    return Measured(area, max(0.0, area - half), min(1.0, area + half))


def histogram(values: Iterable[float], low: float, high: float, bins: int) -> tuple[int, ...]:
    """Counts per bin of equal width."""
    counts, _ = np.histogram(np.asarray(list(values), np.float64), bins=bins, range=(low, high))
    return tuple(int(count) for count in counts)
