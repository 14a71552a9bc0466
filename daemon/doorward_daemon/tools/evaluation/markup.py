"""Pieces of the page: tables, tiles, figures written for people."""

from collections.abc import Callable, Sequence
from html import escape

from doorward_daemon.tools.evaluation.rate import Measured, Rate

Writer = Callable[[float | None], str]
"""How a figure is written."""


def section(title: str, lead: str, *parts: str) -> str:
    """A section of the page.

    Args:
        title: its heading.
        lead: one or two sentences under it, plain text.
        parts: markup.
    """
    return f"<section><h2>{escape(title)}</h2><p>{escape(lead)}</p>{''.join(parts)}</section>"


def side_by_side(*parts: tuple[str, str]) -> str:
    """Titled charts beside each other where there is room.

    Args:
        parts: title, plain text, and markup of each.
    """
    cards = [f'<div class="card"><h3>{escape(title)}</h3>{part}</div>' for title, part in parts]
    return f'<div class="cards">{"".join(cards)}</div>'


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures; cells are plain text.

    Args:
        columns: headings.
        rows: cells, as many as columns.
    """
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def tile(title: str, figure: str, under: str, *, is_good: bool | None = None) -> str:
    """A figure that is read first.

    Args:
        title: what it is.
        figure: the figure.
        under: its interval and what it was counted over.
        is_good: None where nobody can say without knowing the place.
    """
    verdict = {None: "", True: " good", False: " bad"}[is_good]
    return (
        f'<div class="tile{verdict}"><div class="what">{escape(title)}</div>'
        f'<div class="figure">{escape(figure)}</div><div class="under">{escape(under)}</div></div>'
    )


def percent(share: float | None) -> str:
    """A share for people; with a no-break space."""
    if share is None:
        return "–"
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}\u00a0%"
    return f"{100 * share:.2f}\u00a0%" if share < 0.1 or share > 0.9 else f"{100 * share:.1f}\u00a0%"


def decimal(area: float | None) -> str:
    """An area under a curve for people."""
    return "–" if area is None else f"{area:.4f}"


def interval(rate: Rate | Measured | None, write: Writer = percent) -> str:
    """A 95 % interval for people; empty without one."""
    if rate is None or rate.low is None or rate.high is None:
        return ""
    return f"{write(rate.low)} to {write(rate.high)}"


def with_interval(rate: Rate | Measured | None, write: Writer = percent) -> str:
    """A figure and its interval."""
    if rate is None:
        return "–"
    share, ends = rate.share if isinstance(rate, Rate) else rate.value, interval(rate, write)
    return f"{write(share)} ({ends})" if ends else write(share)


def side_tables(*tables: str) -> str:
    """Tables beside each other where there is room.

    Args:
        tables: markup of each.
    """
    return f'<div class="tables">{"".join(tables)}</div>'
