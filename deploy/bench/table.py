"""One table of what was measured: the figures, and whether the ratios among them stay within their limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    title: str
    """What it is."""
    bench: str
    """The measurement it comes from."""
    unit: str
    """Its unit."""
    value: float | None
    """What came out; None where the measurement has no such number."""
    at_most: float | None = None
    """Upper limit of a ratio."""
    at_least: float | None = None
    """Lower limit of a ratio."""

    @property
    def holds(self) -> bool:
        """Whether a ratio is within its limit; a figure without one always is, a ratio that is missing never."""
        if self.at_most is None and self.at_least is None:
            return True
        if self.value is None:
            return False
        return self.value <= (self.at_most or self.value) and self.value >= (self.at_least or self.value)

    @property
    def limit(self) -> str:
        """The limit in words; empty without one."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "" if self.at_least is None else f"at least {self.at_least:g}"

    def to_json(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "title": self.title,
            "bench": self.bench,
            "value": self.value,
            "unit": self.unit,
            "limit": self.limit,
            "holds": self.holds,
        }


def rows_of(figures: Sequence[Mapping[str, Any]], documents: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Reads the figures out of the documents.

    Args:
        figures: entries of figures.toml.
        documents: what each measurement printed.
    """
    return [
        Row(
            title=figure["title"],
            bench=figure["bench"],
            unit=figure["unit"],
            value=_value_at(documents[figure["bench"]], figure["key"]),
            at_most=figure.get("at_most"),
            at_least=figure.get("at_least"),
        )
        for figure in figures
    ]


def as_markdown(rows: Sequence[Row], measured: Mapping[str, Any]) -> str:
    """The table.

    Args:
        rows: its rows.
        measured: date and hardware.
    """
    hardware = measured.get("hardware", {})
    head = f"{hardware.get('cpu', 'unknown processor')}, {hardware.get('cores', '?')} cores, {measured['date']}"
    lines = [head, "", "| figure | measured | limit | command |", "| --- | --- | --- | --- |"]
    for row in rows:
        value = (
            "-"
            if row.value is None
            else f"{row.value:,.3f} {row.unit}"
            if row.value < 100
            else f"{row.value:,.0f} {row.unit}"
        )
        limit = row.limit if row.holds else f"**{row.limit}**"
        lines.append(f"| {row.title} | {value} | {limit} | `make bench` ({row.bench}) |")
    return "\n".join(lines) + "\n"


def _value_at(document: Mapping[str, Any], key: str) -> float | None:
    found: Any = document
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return float(found) if isinstance(found, int | float) else None
