"""What a search and a change of the gallery take, beside reading the templates once: measured in turns."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery.index_keeper import AddedTemplate, IndexChange, IndexKeeper
from doorward_daemon.gallery.rows_view import RowsView
from doorward_daemon.identity import Cohort
from doorward_daemon.tools.memory_index import keeper_of
from doorward_daemon.tools.random_gallery import random_vectors
from doorward_daemon.tools.statistics import Spread

COHORT_FACES = 32
"""Mean faces of the cohort that is measured."""
_TOP = 3
_CHUNK = 8192
"""Random templates made at once: a million of them are never in memory twice."""


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Milliseconds of the same piece of work, many times."""

    search: list[float] = field(default_factory=list)
    """The best subjects among all."""
    read: list[float] = field(default_factory=list)
    """One product that reads every template once."""
    group: list[float] = field(default_factory=list)
    """The best subjects of a group."""
    add: list[float] = field(default_factory=list)
    """A reference more, until searches see it."""
    remove: list[float] = field(default_factory=list)
    """A reference less."""

    def to_json(self) -> dict[str, object]:
        """Spread of each, and the ratios to reading, of medians and of minima."""
        spreads = {name: Spread.of(getattr(self, name)) for name in ("search", "read", "group", "add", "remove")}
        read = spreads["read"]
        return {
            "search_ms": spreads["search"].to_json(),
            "read_once_ms": read.to_json(),
            "group_ms": spreads["group"].to_json(),
            "add_ms": spreads["add"].to_json(),
            "remove_ms": spreads["remove"].to_json(),
            "ratio": round(spreads["search"].p50 / read.p50, 4),
            "ratio_of_minima": round(spreads["search"].min / read.min, 4),
            "group_ratio": round(spreads["group"].p50 / read.p50, 4),
            "add_ratio": round(spreads["add"].p50 / read.p50, 4),
            "remove_ratio": round(spreads["remove"].p50 / read.p50, 4),
        }


def random_keeper(references: int, dimension: int, cohort: Cohort | None = None) -> IndexKeeper:
    """An index of random templates, each of a subject of its own with a name."""
    keeper = keeper_of("random", _named(references, dimension), cohort=cohort)
    names = {f"subject-{row}": f"Name {row}" for row in range(references)}
    keeper.apply(IndexChange(revision=1, foreign_references=0, names=names))
    return keeper


def time_searches(
    keeper: IndexKeeper, probes: Iterable[NDArray[np.float32]], group_subjects: int, warm_up: int
) -> SearchTimes:
    """Searches, reads, adds and removes in turns.

    Args:
        keeper: the index.
        probes: (D,) float32 of length 1 each.
        group_subjects: subjects of the group that is searched alone.
        warm_up: probes before the first one that counts.
    """
    times = SearchTimes()
    step = max(1, keeper.current.subjects // group_subjects)
    names = [f"subject-{row}" for row in range(0, keeper.current.subjects, step)]
    for number, probe in enumerate(probes):
        index = keeper.current
        group = index.group(names)
        # The product reads every number once and does the arithmetic no search of the templates can do without: on one
        # core, because BLAS on all of them waits for whichever is busy with something else.
        took = (
            _time_ms(index.search, probe, _TOP),
            _time_ms(_read, index.rows, probe),
            _time_ms(index.search, probe, _TOP, group),
            _time_ms(keeper.apply, _adding(f"guest-{number}", probe.copy(), index.revision + 1)),
            _time_ms(keeper.apply, _removing(f"guest-{number}", index.revision + 2)),
        )
        if number >= warm_up:
            for kept, one in zip((times.search, times.read, times.group, times.add, times.remove), took, strict=True):
                kept.append(one)
    return times


def cohort_times(dimension: int, subjects: int, probes: Sequence[NDArray[np.float32]]) -> dict[str, object]:
    """Searches of a gate's usual gallery with and without a cohort, in turns."""
    with_cohort = random_keeper(subjects, dimension, Cohort(random_vectors(COHORT_FACES, dimension, seed=2))).current
    without = random_keeper(subjects, dimension).current
    took = [(_time_ms(with_cohort.search, probe, _TOP), _time_ms(without.search, probe, _TOP)) for probe in probes]
    spreads = [Spread.of([one[place] for one in took]) for place in (0, 1)]
    return {
        "subjects": subjects,
        "mean_faces": COHORT_FACES,
        "search_ms": spreads[0].to_json(),
        "search_without_ms": spreads[1].to_json(),
    }


def _named(references: int, dimension: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for first in range(0, references, _CHUNK):
        vectors = random_vectors(min(_CHUNK, references - first), dimension, seed=first)
        for row, vector in enumerate(vectors, start=first):
            yield f"subject-{row}", vector


def _read(rows: RowsView, probe: NDArray[np.float32]) -> None:
    for part in rows.parts:
        np.vecdot(part.block.matrix[: part.count], probe)


def _adding(name: str, vector: NDArray[np.float32], revision: int) -> IndexChange:
    added = (AddedTemplate(name, name, vector),)
    return IndexChange(revision=revision, foreign_references=0, added=added, names={name: "Guest"})


def _removing(name: str, revision: int) -> IndexChange:
    return IndexChange(revision=revision, foreign_references=0, dropped=frozenset([name]), names={name: None})


def _time_ms(work: Callable[..., object], *arguments: object) -> float:
    started_ns = time.perf_counter_ns()
    work(*arguments)
    return (time.perf_counter_ns() - started_ns) / 1e6
