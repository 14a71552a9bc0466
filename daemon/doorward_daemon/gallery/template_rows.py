"""Templates in memory, on the writer's side: blocks that grow, rows that leave, and what a search may see of them."""

import weakref

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery.rows_view import RowsPart, RowsView
from doorward_daemon.gallery.template_block import TemplateBlock

_MOST_DEAD = 4
"""A block is given up when one in this many of its rows has left: what is left of it moves to the end."""
_NONE_DEAD: NDArray[np.intp] = np.zeros(0, np.intp)


class TemplateRows:
    """All rows of one kind. Not thread-safe: the gallery writes under its lock; views are.

    Adding writes one row. Removing zeroes one row, in every view, and leaves it out of the next view; now and then what
    is left of one block is copied. Neither touches the other blocks, however many there are.
    """

    def __init__(self) -> None:
        self._dimension = 0
        self._blocks: list[TemplateBlock] = []
        self._dead: list[NDArray[np.intp]] = []
        self._rows_by_subject: dict[str, int] = {}
        self._most_per_subject = 0
        self._length = 0
        # Views under way may show blocks that were given up: an erased template is wiped in them as well.
        self._every_block: weakref.WeakSet[TemplateBlock] = weakref.WeakSet()

    def __len__(self) -> int:
        return self._length

    @property
    def dimension(self) -> int:
        """Numbers per template; 0 before the first."""
        return self._dimension

    def append(
        self, subject_id: str, reference_id: str, dimension: int, quality_score: float = 0.0
    ) -> NDArray[np.float32]:
        """Adds a row and returns it to be filled before the next view is made.

        Args:
            subject_id: whose it is.
            reference_id: what it is called.
            dimension: numbers it has; those of all rows, where there are any.
            quality_score: of its picture, 0..1.

        Returns:
            (D,) float32, writable, zeros.

        Raises:
            ValueError: the others have another number of numbers.
        """
        if not self._length and dimension != self._dimension:
            self._blocks, self._dead, self._dimension = [], [], dimension
        if dimension != self._dimension:
            raise ValueError(f"dimension: expected {self._dimension} numbers like the other rows, found {dimension}")
        mine = self._rows_by_subject.get(subject_id, 0) + 1
        self._rows_by_subject[subject_id] = mine
        self._most_per_subject = max(self._most_per_subject, mine)
        self._length += 1
        return self._append(subject_id, reference_id, quality_score)

    def drop(self, reference_ids: frozenset[str]) -> None:
        """Takes rows out and zeroes them; references that are not here are passed over."""
        for place in range(len(self._blocks) - 1, -1, -1):
            block = self._blocks[place]
            held = block.rows_holding(reference_ids)
            found = np.setdiff1d(held, self._dead[place]) if held else self._dead[place][:0]
            if not len(found):
                continue
            for row in found:
                self._disown(block.subject_ids[row])
            self._dead[place] = np.union1d(self._dead[place], found)
            if len(self._dead[place]) * _MOST_DEAD > len(block):
                self._give_up(place)
        for block in list(self._every_block):
            block.wipe(reference_ids)

    def view(self) -> RowsView:
        """What a search sees from now on."""
        for block in self._blocks:
            block.finish()
        seen = zip(self._blocks, self._dead, strict=True)
        return RowsView(
            dimension=self._dimension,
            parts=tuple(RowsPart(block, len(block), dead) for block, dead in seen),
            references=self._length,
            subjects=len(self._rows_by_subject),
            most_per_subject=self._most_per_subject,
        )

    def wipe(self) -> None:
        """Zeroes every template in memory, in every view."""
        for block in list(self._every_block):
            block.wipe()

    def _append(self, subject_id: str, reference_id: str, quality_score: float) -> NDArray[np.float32]:
        if not self._blocks or self._blocks[-1].is_full:
            block = TemplateBlock(self._dimension)
            self._blocks.append(block)
            self._dead.append(_NONE_DEAD)
            self._every_block.add(block)
        return self._blocks[-1].append(subject_id, reference_id, quality_score)

    def _disown(self, subject_id: str) -> None:
        self._length -= 1
        self._rows_by_subject[subject_id] -= 1
        if not self._rows_by_subject[subject_id]:
            del self._rows_by_subject[subject_id]

    def _give_up(self, place: int) -> None:
        block, dead = self._blocks.pop(place), set(self._dead.pop(place).tolist())
        for row in range(len(block)):
            if row not in dead:
                fresh = self._append(block.subject_ids[row], block.reference_ids[row], block.quality_scores[row])
                fresh[:] = block.matrix[row]
