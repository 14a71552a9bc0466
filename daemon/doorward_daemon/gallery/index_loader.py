"""Opens sealed templates into memory: all of them at start, the changed ones after a write."""

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Fault
from doorward_daemon.gallery.index_keeper import AddedTemplate, IndexChange
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


class IndexLoader:
    """Reads templates of one embedding space out of the database.

    Args:
        tables: the rows.
        cipher: holds the device key.
        embedding_id: the space; references of others are counted and never opened.
    """

    def __init__(self, tables: GalleryTables, cipher: TemplateCipher, embedding_id: str) -> None:
        self._tables = tables
        self._cipher = cipher
        self._embedding_id = embedding_id

    def load(self) -> SearchIndex:
        """Opens every active template.

        Raises:
            Fault: STORAGE_FAILED, a template or key is damaged.
        """
        rows = self._load_rows()
        return SearchIndex(
            embedding_id=self._embedding_id,
            revision=self._tables.revision(),
            rows=rows,
            references=len(rows),
            subjects=rows.subjects,
            most_per_subject=rows.most_per_subject,
            foreign_references=self._tables.references.count_foreign(self._embedding_id),
            names=self._tables.subjects.names(),
        )

    def change_after(self, writing: GalleryWriting, current: SearchIndex) -> IndexChange | None:
        """What a transaction changed, read before it commits; None where a search sees no difference.

        Raises:
            Fault: STORAGE_FAILED, a template or key is damaged.
        """
        if not writing.touched:
            return None
        added: list[AddedTemplate] = []
        dropped: set[str] = set()
        for subject_id in writing.touched:
            sealed = {
                row.reference_id: row for row in self._tables.references.sealed_of(subject_id, self._embedding_id)
            }
            known = current.references_of(subject_id) - writing.replaced
            dropped |= current.references_of(subject_id) - (known & sealed.keys())
            added += [self._open(row) for reference_id, row in sealed.items() if reference_id not in known]
        return IndexChange(
            revision=writing.revision(),
            foreign_references=self._tables.references.count_foreign(self._embedding_id),
            added=tuple(added),
            dropped=frozenset(dropped),
            names={subject_id: self._tables.subjects.name_of(subject_id) for subject_id in writing.touched},
        )

    def _load_rows(self) -> TemplateRows:
        ciphers: dict[str, SubjectCipher] = {}
        rows: TemplateRows | None = None
        for sealed in self._tables.references.all_sealed(self._embedding_id):
            if rows is None:
                rows = TemplateRows(
                    self._numbers_in(sealed), self._tables.references.count(self._embedding_id) * 5 // 4
                )
            if sealed.subject_id not in ciphers:
                ciphers[sealed.subject_id] = self._subject_cipher(sealed)
            row = rows.append(sealed.subject_id, sealed.reference_id)
            self._open_into(ciphers[sealed.subject_id], sealed, row)
        return TemplateRows(0, 0) if rows is None else rows

    def _open(self, sealed: SealedReference) -> AddedTemplate:
        vector = np.zeros(self._numbers_in(sealed), np.float32)
        self._open_into(self._subject_cipher(sealed), sealed, vector)
        return AddedTemplate(sealed.subject_id, sealed.reference_id, vector)

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
