"""`doorwardd bench search`: exact search over random templates, beside one reading of the same matrix."""

import argparse
from collections.abc import Mapping
from typing import Any

from doorward_daemon.gallery.nearest_rows import looks_first
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.random_gallery import random_vectors
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of
from doorward_daemon.tools.search_bench import cohort_times, random_keeper, time_searches
from doorward_daemon.tools.statistics import Spread
from doorward_daemon.tools.survey import progress

GROUP_SHARE = 100
"""A group of one in this many subjects is searched alone."""
COHORT_SUBJECTS = 1000
"""Subjects of the gallery that is searched with a cohort."""
WARM_UP = 5
"""Searches before the first one that counts."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "search", "measures exact search beside one reading of the templates")
    parser.add_argument("--references", type=int, default=50_000, metavar="N", help="templates (default: 50000)")
    parser.add_argument("--dimension", type=int, default=512, metavar="D", help="numbers in each (default: 512)")
    parser.add_argument("--repeat", type=int, default=100, metavar="N", help="searches measured (default: 100)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command; the pack does not matter, random templates are as good as any."""
    del context
    references, dimension = max(2, arguments.references), max(1, arguments.dimension)
    document = measure(references, dimension, max(1, arguments.repeat))
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0


def measure(references: int, dimension: int, repeat: int) -> dict[str, object]:
    """Searches, reads and changes the gallery in turns.

    Args:
        references: templates, each of a subject of its own.
        dimension: numbers in each.
        repeat: searches that count.
    """
    remark(f"making {references} templates of {dimension} numbers")
    keeper = random_keeper(references, dimension)
    probes = list(random_vectors(WARM_UP + repeat, dimension, seed=1))
    group_subjects = max(1, references // GROUP_SHARE)
    times = time_searches(keeper, progress(probes, "Searching"), group_subjects, WARM_UP)
    return {
        **times.to_json(),
        "group_subjects": group_subjects,
        "first_look": looks_first(keeper.current.rows),
        "cohort": cohort_times(dimension, COHORT_SUBJECTS, probes),
        "read_gb_per_s": round(references * dimension * 4 / Spread.of(times.read).p50 / 1e6, 2),
        "references": references,
        "dimension": dimension,
        "n": repeat,
        "hardware": hardware(),
    }


def _print(document: Mapping[str, Any]) -> None:
    named = (
        ("search, best 3 subjects", document["search_ms"]),
        ("reading the templates once", document["read_once_ms"]),
        (f"search among {document['group_subjects']} subjects", document["group_ms"]),
        ("adding a reference", document["add_ms"]),
        ("removing a reference", document["remove_ms"]),
        (f"search of {COHORT_SUBJECTS} subjects with a cohort", document["cohort"]["search_ms"]),
        (f"search of {COHORT_SUBJECTS} subjects without", document["cohort"]["search_without_ms"]),
    )
    rows = [(name, *(f"{spread[part]:.3f}" for part in ("min", "p50", "p99"))) for name, spread in named]
    title = f"{document['references']} references of {document['dimension']} numbers"
    print_tables(table_of(title, ("", "fastest ms", "median ms", "99 of 100 ms"), rows))
    look = "with a first look in bytes" if document["first_look"] else "reading every template"
    print(
        f"{document['ratio']:.2f} times one reading at {document['read_gb_per_s']} GB/s, {look}; "
        f"of the fastest {document['ratio_of_minima']:.2f}; {document['hardware']}"
    )
