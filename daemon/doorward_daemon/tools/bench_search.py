"""`doorwardd bench search`: exact search over random templates, beside one reading of the same matrix."""

import argparse
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.memory_index import index_of
from doorward_daemon.tools.random_gallery import random_vectors
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import Spread
from doorward_daemon.tools.survey import progress

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
    """Searches and reads in turns.

    Args:
        references: templates, each of a subject of its own.
        dimension: numbers in each.
        repeat: searches that count.
    """
    remark(f"making {references} templates of {dimension} numbers")
    vectors = random_vectors(references, dimension)
    named = ((f"subject-{row}", vectors[row]) for row in range(references))
    index = index_of("random", named, count=references, dimension=dimension)
    matrix = index.rows.matrix(references)
    probes = random_vectors(WARM_UP + repeat, dimension, seed=1)
    for probe in probes[:WARM_UP]:
        index.search(probe, 3)
    search_ms, read_ms = [], []
    for probe in progress(list(probes[WARM_UP:]), "Searching"):
        search_ms.append(_time_ms(index.search, probe, 3))
        # The product reads every number once and does the arithmetic no search can do without.
        read_ms.append(_time_ms(np.dot, matrix, probe))
    search, read = Spread.of(search_ms), Spread.of(read_ms)
    return {
        "search_ms": search.to_json(),
        "read_once_ms": read.to_json(),
        "ratio": round(search.p50 / read.p50, 4),
        "read_gb_per_s": round(matrix.nbytes / read.p50 / 1e6, 2),
        "references": references,
        "dimension": dimension,
        "n": repeat,
        "hardware": hardware(),
    }


def _time_ms(work: Callable[..., object], *arguments: object) -> float:
    started_ns = time.perf_counter_ns()
    work(*arguments)
    return (time.perf_counter_ns() - started_ns) / 1e6


def _print(document: Mapping[str, Any]) -> None:
    rows = [
        (name, *(f"{document[key][part]:.3f}" for part in ("min", "p50", "p99")))
        for name, key in (("search, best 3 subjects", "search_ms"), ("reading the templates once", "read_once_ms"))
    ]
    title = f"{document['references']} references of {document['dimension']} numbers"
    print_tables(table_of(title, ("", "fastest ms", "median ms", "99 of 100 ms"), rows))
    print(f"{document['ratio']:.2f} times one reading at {document['read_gb_per_s']} GB/s; {document['hardware']}")
