"""One transaction of the gallery: what it writes, and what it changes of what a search sees."""

from datetime import datetime

from doorward_daemon.errors import ErrorReason, NotFound
from doorward_daemon.gallery.fleet_records import FleetRecords
from doorward_daemon.gallery.operation import Operation
from doorward_daemon.gallery.subject_table import subject_exists
from doorward_daemon.gallery.tables import GalleryTables
from doorward_daemon.gallery.template_cipher import SealBroken, SubjectCipher, TemplateCipher, TemplatePlace
from doorward_daemon.model.subject import Reference, ReferenceState, Subject
from doorward_daemon.model.template import Template
from doorward_daemon.model.write_request import WriteRequest


class GalleryWriting:
    """Handed out by `Gallery.writing()`; everything done through it is on disk together, or not at all.

    Args:
        tables: the rows.
        cipher: holds the device key.
        now: time of the transaction.
        local: False for what the centre gave, which is not told to it as a change made here.
    """

    def __init__(self, tables: GalleryTables, cipher: TemplateCipher, now: datetime, *, local: bool = True) -> None:
        self._tables = tables
        self._cipher = cipher
        self.now = now
        self._is_local = local
        self._revision: int | None = None
        self._newest: tuple[str, SubjectCipher] | None = None
        self._changed: set[str] = set()
        self.touched: set[str] = set()
        self.replaced: set[str] = set()
        """References that are there again with another template."""
        self.erased: set[str] = set()
        """Subjects that are gone with it."""
        self.last_change: int | None = None
        """The last local change this transaction counted."""

    @property
    def tables(self) -> GalleryTables:
        """The rows, for what the fleet needs of them."""
        return self._tables

    @property
    def records(self) -> FleetRecords:
        """Subjects as they travel."""
        return FleetRecords(self._tables, self._cipher)

    def note_changes(self) -> None:
        """Counts what was changed for the centre, in this transaction; the last thing it does."""
        for subject_id in sorted(self._changed):
            erased = not self.holds_subject(subject_id)
            self.last_change = self._tables.fleet.note_change(subject_id, erased=erased)

    def create_subject(self, subject_id: str, display_name: str) -> Subject:
        """Adds a subject without references.

        Raises:
            AlreadyExists: SUBJECT_EXISTS.
        """
        if self.holds_subject(subject_id):
            raise subject_exists(subject_id)
        self.add_subject(subject_id, display_name)
        return self.subject(subject_id)

    def add_subject(self, subject_id: str, display_name: str) -> None:
        """Adds a subject that is not there."""
        wrapped_key, cipher = self._cipher.new_subject(subject_id)
        self._newest = (subject_id, cipher)
        self._tables.subjects.insert(subject_id, display_name, wrapped_key, self._raised_revision(), self.now)
        self.touched.add(subject_id)
        self._change(subject_id)

    def rename_subject(self, subject_id: str, display_name: str) -> Subject:
        """Changes a subject's display name.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
        """
        self.subject(subject_id)
        self._tables.subjects.rename(subject_id, display_name)
        self._change(subject_id)
        return self.subject(subject_id)

    def subject(self, subject_id: str) -> Subject:
        """Reads a subject as this transaction left it.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
        """
        return self._tables.subjects.get(subject_id)

    def holds_subject(self, subject_id: str) -> bool:
        """Whether a subject is there."""
        return self._tables.subjects.holds(subject_id)

    def begin(self, operation: Operation) -> None:
        """Remembers a staged operation, so that a restart finds it."""
        self._tables.operations.insert(operation)

    def finish(self, operation: Operation, answer: str) -> None:
        """Ends a staged operation that the ledger holds, and stores the answer to its request."""
        self._tables.operations.delete(operation.op_id)
        self.store_answer(operation.request, operation.subject_id, answer)

    def abandon(self, operation: Operation) -> None:
        """Ends a staged operation that the ledger does not hold."""
        self._tables.operations.delete(operation.op_id)

    def store_answer(self, request: WriteRequest, subject_id: str, answer: str) -> None:
        """Remembers the answer to a write."""
        self._tables.requests.store(request, subject_id, answer, self.now)

    def add_pending(self, subject_id: str, reference: Reference, op_id: str, template: Template) -> None:
        """Seals a template and stores it as a reference that is not searched yet.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
            Fault: STORAGE_FAILED, the subject's key is damaged.
        """
        self._add(subject_id, reference, op_id, template, ReferenceState.PENDING)

    def add_active(self, subject_id: str, reference: Reference, op_id: str, template: Template) -> None:
        """Seals a template and stores it as a reference that is searched.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
            Fault: STORAGE_FAILED, the subject's key is damaged.
        """
        self._add(subject_id, reference, op_id, template, ReferenceState.ACTIVE)
        self._change(subject_id)

    def activate(self, subject_id: str, reference_id: str) -> None:
        """Makes a pending reference one that is searched."""
        self._tables.references.set_state(reference_id, ReferenceState.ACTIVE)
        self._change(subject_id)

    def mark_reference_erasing(self, subject_id: str, reference_id: str) -> None:
        """Takes a reference out of the search, on its way to being destroyed.

        Raises:
            NotFound: SUBJECT_NOT_FOUND, REFERENCE_NOT_FOUND.
        """
        known = {reference.reference_id for reference in self.subject(subject_id).references}
        if reference_id not in known:
            raise NotFound(
                ErrorReason.REFERENCE_NOT_FOUND,
                f"subject {subject_id} has no reference {reference_id}; read the subject to see its references",
                metadata={"subject_id": subject_id, "reference_id": reference_id},
            )
        self._tables.references.set_state(reference_id, ReferenceState.ERASING)
        self._touch(subject_id)

    def mark_subject_erasing(self, subject_id: str) -> int:
        """Takes all references of a subject out of the search, on their way to being destroyed.

        Returns:
            References there are.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
        """
        count = len(self.subject(subject_id).references)
        self._tables.references.set_state_of_all(subject_id, ReferenceState.ACTIVE, ReferenceState.ERASING)
        self._touch(subject_id)
        return count

    def restore(self, subject_id: str) -> None:
        """Puts the references of an erasure that did not happen back into the search."""
        self._tables.references.set_state_of_all(subject_id, ReferenceState.ERASING, ReferenceState.ACTIVE)
        self._change(subject_id)

    def destroy_reference(self, subject_id: str, reference_id: str) -> None:
        """Destroys a reference's row; `Gallery.scrub()` must follow. Gone already is fine."""
        self._tables.references.delete(reference_id)
        self._change(subject_id)

    def destroy_subject(self, subject_id: str) -> None:
        """Destroys a subject's key, references and answers; `Gallery.scrub()` must follow. Gone already is fine."""
        if not self.holds_subject(subject_id):
            return
        self._tables.references.delete_all(subject_id)
        self._tables.subjects.delete(subject_id)
        self._tables.requests.redact(subject_id)
        self._newest = None
        self.erased.add(subject_id)
        self._change(subject_id)

    def revision(self) -> int:
        """Revision of the gallery with what this transaction changed."""
        return self._tables.revision() if self._revision is None else self._revision

    def _change(self, subject_id: str) -> None:
        # Marking is no change yet: what is marked may be restored, and only what has happened is told to a fleet.
        self._touch(subject_id)
        if self._is_local:
            self._changed.add(subject_id)

    def _add(
        self, subject_id: str, reference: Reference, op_id: str, template: Template, state: ReferenceState
    ) -> None:
        place = TemplatePlace(subject_id, reference.reference_id, template.embedding_id)
        sealed = self._subject_cipher(subject_id).seal(place, template.vector)
        self._tables.references.insert(subject_id, reference, op_id, sealed, state)

    def _subject_cipher(self, subject_id: str) -> SubjectCipher:
        if self._newest is not None and self._newest[0] == subject_id:
            return self._newest[1]
        try:
            return self._cipher.of_subject(subject_id, self._tables.subjects.wrapped_key(subject_id))
        except SealBroken as error:
            raise self._tables.file.damaged(str(error)) from error

    def _touch(self, subject_id: str) -> None:
        revision = self._raised_revision()
        if subject_id not in self.touched:
            self._tables.subjects.stamp(subject_id, revision, self.now)
            self.touched.add(subject_id)

    def _raised_revision(self) -> int:
        # One revision per transaction, however much it changes.
        if self._revision is None:
            self._revision = self._tables.raise_revision()
        return self._revision
