"""What a local command prints: one JSON document, or tables for a person; remarks go to stderr."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table


def print_json(document: Mapping[str, object]) -> None:
    """Prints exactly one JSON document on stdout.

    Raises:
        ValueError: it holds NaN or infinity, which JSON has no word for.
    """
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


def print_tables(*tables: Table) -> None:
    """Prints tables on stdout."""
    console = Console()
    for table in tables:
        console.print(table)


def table_of(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Makes a table whose first column is text and whose others are numbers.

    Args:
        title: stands above it.
        columns: headings.
        rows: cells, as many as columns.
    """
    table = Table(title=title, title_justify="left", header_style="")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    for row in rows:
        table.add_row(*row)
    return table


def remark(text: str) -> None:
    """Says something about the run on stderr, plain: file names may hold what looks like markup."""
    sys.stderr.write(text + "\n")


def percent(share: float | None) -> str:
    """A share for people; a dash where there was nothing to count."""
    return "-" if share is None else f"{share:.2%}"
