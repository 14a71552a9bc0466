"""Keeps the current search index and makes the next one from what changed."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.template_rows import TemplateRows
from doorward_daemon.model.subject import ReferenceKind


@dataclass(frozen=True, slots=True, eq=False)
class AddedTemplate:
    """A template that is searched from now on."""

    subject_id: str
    """Its subject."""
    reference_id: str
    """Its reference."""
    vector: NDArray[np.float32]
    """(D,) float32; wiped once it has been taken over."""
    kind: ReferenceKind = ReferenceKind.POSITIVE
    """What it says of the subject."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IndexChange:
    """What one transaction changed of what a search sees."""

    revision: int
    """Revision it made."""
    foreign_references: int
    """References of other embedding spaces after it."""
    added: tuple[AddedTemplate, ...] = ()
    """Templates searched from now on."""
    dropped: frozenset[str] = frozenset()
    """References no longer searched."""
    names: Mapping[str, str | None] = field(default_factory=dict)
    """New display names; None for subjects that are gone."""


class IndexKeeper:
    """Holds the current snapshot; readers take it without a lock, one writer at a time replaces it.

    Args:
        first: the snapshot as loaded.
    """

    def __init__(self, first: SearchIndex) -> None:
        self._current = first
        # Searches under way may hold older generations: an erased template is wiped in them as well.
        self._generations = weakref.WeakSet((first.rows, first.negatives))

    @property
    def current(self) -> SearchIndex:
        """The newest snapshot."""
        return self._current

    def check_comparable(self, embedding_id: str, numbers: int) -> None:
        """Refuses a template that does not compare with the ones that are searched.

        Args:
            embedding_id: its embedding space.
            numbers: numbers it has.

        Raises:
            Conflict: EMBEDDING_MISMATCH.
        """
        current = self._current
        numbers_fit = not current.references or numbers == current.rows.dimension
        if embedding_id != current.embedding_id or not numbers_fit:
            raise Conflict(
                ErrorReason.EMBEDDING_MISMATCH,
                f"a template of {embedding_id} with {numbers} numbers does not compare with those of the gallery "
                f"({current.embedding_id}); use the pack the gallery was opened with",
                metadata={"embedding_id": embedding_id, "gallery_embedding_id": current.embedding_id},
            )

    def apply(self, change: IndexChange) -> None:
        """Makes the next snapshot the current one; what was dropped is zeros everywhere from here on."""
        rows, negatives = self._current.rows, self._current.negatives
        if change.dropped:
            rows, negatives = rows.next_generation(change.dropped), negatives.next_generation(change.dropped)
        for template in change.added:
            if template.kind is ReferenceKind.NEGATIVE:
                negatives = self._append(negatives, template)
            else:
                rows = self._append(rows, template)
        self._current = self._snapshot(rows, negatives, change)
        for generation in list(self._generations) if change.dropped else ():
            generation.wipe(change.dropped)
        self._generations.update((rows, negatives))

    def wipe(self) -> None:
        """Zeroes every template in memory; for the end."""
        for generation in list(self._generations):
            generation.wipe()

    def _append(self, rows: TemplateRows, template: AddedTemplate) -> TemplateRows:
        if not len(rows) and rows.dimension != len(template.vector):
            rows = TemplateRows(len(template.vector), 0)
        if rows.is_full:
            rows = rows.next_generation()
        rows.append(template.subject_id, template.reference_id)[:] = template.vector
        template.vector.fill(0.0)
        return rows

    def _snapshot(self, rows: TemplateRows, negatives: TemplateRows, change: IndexChange) -> SearchIndex:
        names = dict(self._current.names)
        for subject_id, name in change.names.items():
            if name is None:
                names.pop(subject_id, None)
            else:
                names[subject_id] = name
        return replace(
            self._current,
            revision=change.revision,
            rows=rows,
            negatives=negatives,
            negative_references=len(negatives),
            references=len(rows),
            subjects=rows.subjects,
            most_per_subject=rows.most_per_subject,
            foreign_references=change.foreign_references,
            names=MappingProxyType(names),
        )
