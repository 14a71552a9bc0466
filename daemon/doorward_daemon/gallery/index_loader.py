"""Opens sealed templates into memory: all of them at start, the changed ones after a write."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Fault
from doorward_daemon.gallery.index_keeper import AddedTemplate, IndexChange, IndexKeeper
from doorward_daemon.gallery.name_book import NameBook
from doorward_daemon.gallery.reference_table import SealedReference
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.tables import GalleryTables
from doorward_daemon.gallery.template_cipher import (
    SealBroken,
    SubjectCipher,
    TemplateCipher,
    TemplatePlace,
    numbers_in,
)
from doorward_daemon.gallery.template_rows import TemplateRows
from doorward_daemon.gallery.writing import GalleryWriting
from doorward_daemon.identity import Cohort
from doorward_daemon.model.subject import ReferenceKind


class IndexLoader:
    """Reads templates of one embedding space out of the database.

    Args:
        tables: the rows.
        cipher: holds the device key.
        embedding_id: the space; references of others are counted and never opened.
        cohort: of the pack; None where it has none.
    """

    def __init__(self, tables: GalleryTables, cipher: TemplateCipher, embedding_id: str, cohort: Cohort | None) -> None:
        self._tables = tables
        self._cipher = cipher
        self._embedding_id = embedding_id
        self._cohort = cohort

    def load(self) -> IndexKeeper:
        """Opens every active template.

        Raises:
            Fault: STORAGE_FAILED, a template or key is damaged.
        """
        loaded = self._load_rows()
        rows, negatives = loaded[ReferenceKind.POSITIVE], loaded[ReferenceKind.NEGATIVE]
        first = SearchIndex(
            embedding_id=self._embedding_id,
            revision=self._tables.revision(),
            rows=rows.view(),
            foreign_references=self._tables.references.count_foreign(self._embedding_id),
            names=NameBook(self._tables.subjects.names()),
            negatives=negatives.view(),
            cohort=self._cohort,
        )
        return IndexKeeper(first, rows, negatives)

    def change_after(self, writing: GalleryWriting, current: SearchIndex) -> IndexChange | None:
        """What a transaction changed, read before it commits; None where a search sees no difference.

        Raises:
            Fault: STORAGE_FAILED, a template or key is damaged.
        """
        if not writing.touched:
            return None
        searched = {
            (subject_id, reference_id)
            for subject_id in writing.touched
            for reference_id in current.references_of(subject_id) | current.negatives_of(subject_id)
        }
        kept: set[tuple[str, str]] = set()
        added: list[AddedTemplate] = []
        for row in self._tables.references.sealed_of_each(writing.touched, self._embedding_id):
            owned = (row.subject_id, row.reference_id)
            if owned in searched and row.reference_id not in writing.replaced:
                kept.add(owned)
            else:
                added.append(self._open(row))
        return IndexChange(
            revision=writing.revision(),
            foreign_references=self._tables.references.count_foreign(self._embedding_id),
            added=tuple(added),
            dropped=frozenset(reference_id for _, reference_id in searched - kept),
            names=self._tables.subjects.names_of(writing.touched),
        )

    def _load_rows(self) -> Mapping[ReferenceKind, TemplateRows]:
        ciphers: dict[str, SubjectCipher] = {}
        loaded = {kind: TemplateRows() for kind in ReferenceKind}
        for sealed in self._tables.references.all_sealed(self._embedding_id):
            if sealed.subject_id not in ciphers:
                ciphers[sealed.subject_id] = self._subject_cipher(sealed)
            rows = loaded[sealed.kind]
            numbers = rows.dimension or self._numbers_in(sealed)
            row = rows.append(sealed.subject_id, sealed.reference_id, numbers, sealed.quality_score)
            self._open_into(ciphers[sealed.subject_id], sealed, row)
        return loaded

    def _open(self, sealed: SealedReference) -> AddedTemplate:
        vector = np.zeros(self._numbers_in(sealed), np.float32)
        self._open_into(self._subject_cipher(sealed), sealed, vector)
        return AddedTemplate(sealed.subject_id, sealed.reference_id, vector, sealed.kind, sealed.quality_score)

    def _open_into(self, cipher: SubjectCipher, sealed: SealedReference, row: NDArray[np.float32]) -> None:
        place = TemplatePlace(sealed.subject_id, sealed.reference_id, self._embedding_id)
        try:
            cipher.open_into(place, sealed.sealed_template, row)
        except SealBroken as error:
            raise self._damaged(sealed, error) from error

    def _subject_cipher(self, sealed: SealedReference) -> SubjectCipher:
        try:
            return self._cipher.of_subject(sealed.subject_id, sealed.wrapped_key)
        except SealBroken as error:
            raise self._damaged(sealed, error) from error

    def _numbers_in(self, sealed: SealedReference) -> int:
        try:
            return numbers_in(sealed.sealed_template)
        except SealBroken as error:
            raise self._damaged(sealed, error) from error

    def _damaged(self, sealed: SealedReference, error: SealBroken) -> Fault:
        found = f"reference {sealed.reference_id} of subject {sealed.subject_id} cannot be opened: {error}"
        return self._tables.file.damaged(found)
