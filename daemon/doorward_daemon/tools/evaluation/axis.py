"""A chart's axis: from values to places, and what is written beside it."""

import math
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_WANTED_TICKS = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear or logarithmic axis."""

    label: str
    """What it shows."""
    low: float
    """Value at its start; above 0 on a logarithmic one."""
    high: float
    """Value at its end, above `low`."""
    is_log: bool = False
    """Whether equal steps are equal factors."""
    is_share: bool = False
    """Whether values are shares, written in percent."""

    def place(self, value: float) -> float:
        """Where a value lies, 0 at the start and 1 at the end; beyond is cut to these."""
        if not self.is_log:
            return _cut((value - self.low) / (self.high - self.low))
        if value <= self.low:
            return 0.0
        return _cut(math.log(value / self.low) / math.log(self.high / self.low))

    def ticks(self) -> list[tuple[float, str]]:
        """Values that are marked, and how they are written."""
        values = self._decades() if self.is_log else self._rounds()
        return [(value, self.write(value)) for value in values]

    def write(self, value: float) -> str:
        """A value as it is written."""
        if not self.is_share:
            return f"{value:.4g}"
        return f"{100 * value:.3g} %"

    def _decades(self) -> list[float]:
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]

    def _rounds(self) -> list[float]:
        rough = (self.high - self.low) / _WANTED_TICKS
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * unit for factor in _STEPS if factor * unit >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        count = math.floor(self.high / step + 1e-9) - first + 1
        return [round((first + number) * step, 10) + 0.0 for number in range(count)]


def _cut(place: float) -> float:
    return min(1.0, max(0.0, place))
