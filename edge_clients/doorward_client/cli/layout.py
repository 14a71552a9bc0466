"""Plain text in columns, for terminals: cards of labelled lines and tables, also where letters are two columns wide."""

import unicodedata
from collections.abc import Iterable, Sequence

_GAP = "  "


def card(rows: Iterable[tuple[str, str]]) -> str:
    """One line per label with its value, values aligned; a row without a value is left out."""
    shown = [(printable(label), printable(value)) for label, value in rows if value]
    width = max((width_of(label) for label, _ in shown), default=0)
    return "\n".join(f"{_pad(label, width)}{_GAP}{value}" for label, value in shown)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under their heads, each as wide as its widest cell."""
    lines = [[printable(cell) for cell in line] for line in (head, *rows)]
    widths = [max(width_of(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        _GAP.join(_pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def sections(*parts: str) -> str:
    """Parts below each other with an empty line between; empty parts are left out."""
    return "\n\n".join(part for part in parts if part)


def width_of(text: str) -> int:
    """Columns that a terminal needs for the text."""
    return sum(_columns(character) for character in text)


def printable(text: str) -> str:
    """The text without control characters: a name must not be able to steer the operator's terminal."""
    return "".join("?" if unicodedata.category(character) in ("Cc", "Cs") else character for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pad(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
