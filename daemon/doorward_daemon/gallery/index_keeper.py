"""Keeps the current search index and makes the next one from what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    quality_score: float = 0.0
    """Of its picture, 0..1."""


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
        rows: the templates it shows; the keeper's from here on.
        negatives: the same of "not this person" templates.
    """

    def __init__(self, first: SearchIndex, rows: TemplateRows, negatives: TemplateRows) -> None:
        self._current = first
        self._rows = rows
        self._negatives = negatives

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
        if change.dropped:
            self._rows.drop(change.dropped)
            self._negatives.drop(change.dropped)
        for template in change.added:
            self._append(template)
        self._current = self._snapshot(change)

    def wipe(self) -> None:
        """Zeroes every template in memory; for the end."""
        self._rows.wipe()
        self._negatives.wipe()

    def _append(self, template: AddedTemplate) -> None:
        rows = self._negatives if template.kind is ReferenceKind.NEGATIVE else self._rows
        row = rows.append(template.subject_id, template.reference_id, len(template.vector), template.quality_score)
        row[:] = template.vector
        template.vector.fill(0.0)

    def _snapshot(self, change: IndexChange) -> SearchIndex:
        return replace(
            self._current,
            revision=change.revision,
            rows=self._rows.view(),
            negatives=self._negatives.view(),
            foreign_references=change.foreign_references,
            names=self._current.names.with_changes(change.names) if change.names else self._current.names,
        )
