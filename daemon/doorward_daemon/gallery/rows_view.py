"""What one snapshot sees of the templates: the first rows of each block, without those that have left."""

import bisect
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery.template_block import TemplateBlock


@dataclass(frozen=True, slots=True, eq=False)
class RowsPart:
    """What is seen of a block."""

    block: TemplateBlock
    """Its templates; rows are appended to it later."""
    count: int
    """Rows of it that belong to the snapshot."""
    dead: NDArray[np.intp] = field(repr=False)
    """Rows among them that do not: ascending."""


@dataclass(frozen=True, eq=False)
class RowsView:
    """Unchanging, but for templates erased since, which are zeros. Thread-safe.

    Rows are numbered through all blocks, with those that have left.
    """

    dimension: int
    """Numbers per template."""
    parts: tuple[RowsPart, ...] = ()
    """One per block, in order."""
    references: int = 0
    """Rows that are searched."""
    subjects: int = 0
    """Subjects that own one of them."""
    most_per_subject: int = 0
    """No subject owns more rows."""

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Number of the first row of each block, and one past the last row of all: (blocks + 1,)."""
        return np.cumsum([0, *(part.count for part in self.parts)], dtype=np.intp)

    @cached_property
    def _first_rows(self) -> list[int]:
        # As whole numbers of Python: looking up one row among them takes a tenth of what numpy takes.
        first_rows: list[int] = self.starts.tolist()
        return first_rows

    @cached_property
    def dead(self) -> NDArray[np.intp]:
        """Rows that have left, ascending."""
        moved = [part.dead + start for part, start in zip(self.parts, self.starts, strict=False)]
        return np.concatenate(moved) if moved else np.zeros(0, np.intp)

    @property
    def total(self) -> int:
        """Rows in all, with those that have left."""
        return int(self.starts[-1])

    def subject_of(self, row: int) -> str:
        """The subject a row belongs to."""
        place, start = self._place(row)
        return self.parts[place].block.subject_ids[row - start]

    def reference_of(self, row: int) -> str:
        """The reference a row holds."""
        place, start = self._place(row)
        return self.parts[place].block.reference_ids[row - start]

    def quality_of(self, row: int) -> float:
        """Quality score of the picture a row was made of, 0..1."""
        place, start = self._place(row)
        return self.parts[place].block.quality_scores[row - start]

    def rows_of(self, subject_id: str) -> list[int]:
        """Rows of a subject."""
        found: list[int] = []
        for part, start in zip(self.parts, self.starts, strict=False):
            mine = part.block.rows_of(subject_id)
            found += [int(start) + row for row in mine if row < part.count and not _contains(part.dead, row)]
        return found

    def templates(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """A copy of some templates, (N, D) float32, in the order of the rows."""
        copied = np.empty((len(rows), self.dimension), np.float32)
        places = np.searchsorted(self.starts, rows, side="right") - 1
        for place in np.unique(places):
            mine = places == place
            copied[mine] = self.parts[place].block.matrix[rows[mine] - self.starts[place]]
        return copied

    def _place(self, row: int) -> tuple[int, int]:
        place = bisect.bisect_right(self._first_rows, row) - 1
        return place, self._first_rows[place]


def _contains(rows: NDArray[np.intp], row: int) -> bool:
    place = int(np.searchsorted(rows, row))
    return place < len(rows) and int(rows[place]) == row
