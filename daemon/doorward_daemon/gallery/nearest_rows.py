"""The closest rows to a probe: found exactly, without reading more of the templates than it takes to be sure.

In a large gallery a first look goes over the templates in a byte per number. It gives every row a ceiling that its
score cannot pass (rough_vectors.py). Where enough subjects have a row whose score cannot be below some floor, every
row whose ceiling is below that floor is out, whatever its score; the others, a few dozen as a rule, are compared in
float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery.byte_products import HAS_BYTE_PRODUCTS
from doorward_daemon.gallery.rough_vectors import RoughProbe
from doorward_daemon.gallery.rows_view import RowsPart, RowsView

ROUGH_FROM = 3_000_000
"""Numbers (rows x D) from which the first look pays: below, the caches hold the templates and its fixed cost shows."""
_LEAST_OUT = 8
"""The first look is given up where it leaves more than one in this many rows: many templates alike."""
_FEW = 4
"""A group of at most one in this many rows is compared row by row, a larger one by going over everything."""
_CHUNK = 256
"""Rows gathered at once, and rows per block when the best scores are looked for."""
_AT_ONCE = 4
"""Rows per subject wanted that are looked at first; subjects have few references."""


@dataclass(frozen=True, eq=False)
class RowGroup:
    """Some rows of a view, the only ones a search may name. Thread-safe."""

    view: RowsView
    """The view it was made for."""
    rows: NDArray[np.intp]
    """The rows, ascending."""

    @cached_property
    def others(self) -> NDArray[np.intp]:
        """All rows that are not in it."""
        return np.setdiff1d(np.arange(self.view.total), self.rows, assume_unique=True)


@dataclass(frozen=True, slots=True, eq=False)
class NearRows:
    """Rows that hold the best row of every one of the closest subjects, best first; equal scores by row."""

    rows: NDArray[np.intp]
    """(N,) numbers of the rows."""
    scores: NDArray[np.float32]
    """(N,) their scores."""


def nearest_rows(
    view: RowsView, probe: NDArray[np.float32], top_subjects: int, group: RowGroup | None = None
) -> NearRows:
    """Finds what comparing the probe with every row finds.

    Args:
        view: what is searched.
        probe: (D,) float32, finite.
        top_subjects: subjects wanted, 1 or more.
        group: the rows that are searched; None for all.
    """
    if group is not None and len(group.rows) * _FEW <= view.total:
        return _best(view, _Scores(group.rows, _scores_of(view, probe, group.rows), len(group.rows)), top_subjects)
    outside, searched = (view.dead, view.references) if group is None else (group.others, len(group.rows))
    if looks_first(view):
        found = _nearest_roughly(view, probe, top_subjects, outside)
        if found is not None:
            return found
    # vecdot and not `matrix @ probe`: BLAS splits that over all cores and then waits for each of them, which takes
    # 8 ms and more while inference keeps one busy; on one core vecdot reads 50,000 x 512 in 3 ms, BLAS in 8.
    scores = _over_all(view, lambda part, out: np.vecdot(part.block.matrix[: part.count], probe, out=out))
    scores[outside] = -np.inf
    return _best(view, _Scores(None, scores, searched), top_subjects)


def looks_first(view: RowsView) -> bool:
    """Whether searches of a view begin with a first look."""
    return HAS_BYTE_PRODUCTS and view.total * view.dimension >= ROUGH_FROM


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    rows: NDArray[np.intp] | None
    """Rows the scores belong to, ascending; None for all."""
    scores: NDArray[np.float32]
    """A score for each; rows that are not searched have minus infinity."""
    searched: int
    """Rows that are searched."""


def _nearest_roughly(
    view: RowsView, probe: NDArray[np.float32], top_subjects: int, outside: NDArray[np.intp]
) -> NearRows | None:
    """The same by a first look; None where it does not pay."""
    rough = RoughProbe(probe)
    # Rounded up: nothing here may make a ceiling too low.
    widths = np.array([rough.width(part.block.longest, part.block.roughest) for part in view.parts])
    widths = np.nextafter(widths.astype(np.float32), np.float32(np.inf))
    if not np.isfinite(widths).all():
        return None
    place = iter(widths)

    def look(part: RowsPart, out: NDArray[np.float32]) -> None:
        rough.scores(part.block.rough[: part.count], part.block.scales[: part.count], out)
        out += next(place)

    ceilings = _over_all(view, look)
    ceilings[outside] = -np.inf
    likely = _best(view, _Scores(None, ceilings, view.total - len(outside)), top_subjects)
    places = np.searchsorted(view.starts, likely.rows, side="right") - 1
    lowest = (likely.scores - np.float32(2.001) * widths[places]).astype(np.float32)
    order = np.argsort(-lowest, kind="stable")
    floor = _score_of_last(view, NearRows(likely.rows[order], lowest[order]), top_subjects)
    if floor is None:
        return None
    rows = np.flatnonzero(ceilings >= floor)
    if len(rows) * _LEAST_OUT > view.total:
        return None
    found = _best(view, _Scores(rows, _scores_of(view, probe, rows), len(rows)), top_subjects)
    reached = _score_of_last(view, found, top_subjects)
    # Below the floor only where a template it rests on was erased in the middle of this search.
    return found if reached is not None and reached >= floor else None


def _best(view: RowsView, among: _Scores, top_subjects: int) -> NearRows:
    # Rows that reach the score of the wanted-th one, ties with it included: which of two equal subjects is named must
    # not depend on a partition. Where they belong to enough subjects, the best row of each of these is among them.
    # No subject has more rows than `most_per_subject`, so that many for each are always enough.
    most = min(among.searched, top_subjects * view.most_per_subject)
    wanted = min(most, top_subjects * _AT_ONCE)
    while True:
        near = np.flatnonzero(among.scores >= _cutoff(among.scores, wanted)) if wanted else np.zeros(0, np.intp)
        near = near[np.argsort(-among.scores[near], kind="stable")]
        found = NearRows(near if among.rows is None else among.rows[near], among.scores[near])
        if wanted == most or _score_of_last(view, found, top_subjects) is not None:
            return found
        wanted = most


def _score_of_last(view: RowsView, near: NearRows, top_subjects: int) -> np.float32 | None:
    """Best score of the last of the subjects wanted; None where there are fewer."""
    seen: set[str] = set()
    for place, row in enumerate(near.rows.tolist()):
        seen.add(view.subject_of(row))
        if len(seen) == top_subjects:
            found: np.float32 = near.scores[place]
            return found
    return None


def _over_all(view: RowsView, look: Callable[[RowsPart, NDArray[np.float32]], object]) -> NDArray[np.float32]:
    scores = np.empty(view.total, np.float32)
    for part, start in zip(view.parts, view.starts, strict=False):
        look(part, scores[start : start + part.count])
    return scores


def _scores_of(view: RowsView, probe: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Scores of some rows, ascending. The templates pass through a small copy, which is wiped."""
    scores = np.empty(len(rows), np.float32)
    copied = np.empty((min(len(rows), _CHUNK), view.dimension), np.float32)
    bounds = np.searchsorted(rows, view.starts)
    for place in np.flatnonzero(np.diff(bounds)):
        matrix, start = view.parts[place].block.matrix, view.starts[place]
        for first in range(bounds[place], bounds[place + 1], _CHUNK):
            end = min(first + _CHUNK, bounds[place + 1])
            some = copied[: end - first]
            # The clipping mode: the default one would gather into another copy first.
            np.take(matrix, rows[first:end] - start, axis=0, out=some, mode="clip")
            np.vecdot(some, probe, out=scores[first:end])
    copied.fill(0.0)
    return scores


def _cutoff(scores: NDArray[np.float32], wanted: int) -> np.float32:
    """A score that at least `wanted` scores reach, and no more of them than need be for speed."""
    # The best of each block first: the best blocks' maxima are scores, too, and there are far fewer of them.
    if len(scores) >= wanted * _CHUNK:
        cutoff = _wanted_th(np.maximum.reduceat(scores, np.arange(0, len(scores), _CHUNK)), wanted)
        if cutoff > -np.inf:
            return cutoff
    return _wanted_th(scores, wanted)


def _wanted_th(scores: NDArray[np.float32], wanted: int) -> np.float32:
    place = len(scores) - wanted
    found: np.float32 = np.partition(scores, place)[place]
    return found
