"""Smallest, median and near-worst of times that were measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """What is reported of repeated times, milliseconds."""

    min: float
    """The fastest: what the machine can do when nobody disturbs it."""
    p50: float
    """The median."""
    p99: float
    """99 of 100 are faster, linear between the two nearest ranks."""

    @classmethod
    def of(cls, times_ms: Sequence[float]) -> "Spread":
        """Sums up times; at least one."""
        values = np.asarray(times_ms, np.float64)
        return cls(float(values.min()), float(np.median(values)), float(np.percentile(values, 99)))

    def to_json(self) -> dict[str, float]:
        """The three numbers, to the microsecond."""
        return {"min": round(self.min, 3), "p50": round(self.p50, 3), "p99": round(self.p99, 3)}
