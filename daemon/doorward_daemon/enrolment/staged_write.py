"""Enrolments and erasures over two databases: begun in the gallery, decided by the ledger, finished in the gallery.

A reference is PENDING, then stands in the ledger, then is ACTIVE; an erasure marks ERASING, stands in the ledger, then
destroys. Whatever a stopped process left in between is finished where the ledger holds its op_id, and undone where not.
"""

from collections.abc import Callable
from enum import StrEnum

from doorward_daemon.enrolment.answer import dump_enrolment, dump_receipt, dump_subject
from doorward_daemon.enrolment.ledger import Ledger
from doorward_daemon.errors import DoorwardError, ErrorReason, Fault, NotReady
from doorward_daemon.gallery import Gallery, GalleryWriting, Operation, OperationKind
from doorward_daemon.model.subject import ErasureReceipt


class Step(StrEnum):
    """Moments of a staged write at which a process may die; told to the observer."""

    STAGED = "STAGED"
    """Begun in the gallery, not in the ledger."""
    RECORDED = "RECORDED"
    """In the ledger: from here on it has happened."""
    DESTROYED = "DESTROYED"
    """Key and rows are destroyed, their bytes may still be in the files."""
    SCRUBBED = "SCRUBBED"
    """No byte is left in any file."""
    ANSWERED = "ANSWERED"
    """Finished, with its answer stored."""


class StagedWriter:
    """Runs staged writes one at a time; its owner holds a lock over every call.

    Args:
        gallery: holds the references.
        ledger: decides what has happened.
        observe: called at each step; for tests that end the process there.
    """

    def __init__(self, gallery: Gallery, ledger: Ledger, observe: Callable[[Step], None]) -> None:
        self._gallery = gallery
        self._ledger = ledger
        self._observe = observe

    def settle(self) -> int:
        """Finishes or undoes what was begun and left; nothing may be under way.

        Returns:
            Operations settled.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        left = self._gallery.unfinished()
        for operation in left:
            if self._ledger.holds(operation.op_id):
                self._finish(operation)
            else:
                self._undo(operation)
        return len(left)

    def run(self, kind: OperationKind, stage: Callable[[GalleryWriting], Operation]) -> str:
        """Runs one staged write from beginning to end.

        Args:
            kind: what is done.
            stage: writes the first stage and returns the operation.

        Returns:
            The answer, as stored for the request.

        Raises:
            DoorwardError: what `stage` raises; nothing is left of the write then.
            Overloaded: STORAGE_FULL; nothing is left, or it is finished by the next `settle`.
            NotReady: JOURNAL_SLOW; nothing is left, or the next write settles it first.
            Fault: STORAGE_FAILED; a restart settles it.
        """
        with self._gallery.writing(growing=kind is OperationKind.ENROL_REFERENCE) as writing:
            operation = stage(writing)
            writing.begin(operation)
        self._observe(Step.STAGED)
        self._record(operation)
        self._observe(Step.RECORDED)
        return self._finish(operation)

    def _record(self, operation: Operation) -> None:
        try:
            self._ledger.record(operation.op_id, operation.kind.value, operation.subject_id)
        except Fault:
            # Whether it stands there is known only after a restart: undoing now could leave one half.
            raise
        except NotReady:
            self._ask_again(operation)
        except DoorwardError:
            self._undo(operation)
            raise

    def _ask_again(self, operation: Operation) -> None:
        """The disk did not answer in time, and what was handed over is written all the same.

        The ledger answers in order: what it says after that write is final. Where it does not answer either, the
        operation stays staged, and the desk settles it before the next write.
        """
        if not self._ledger.holds(operation.op_id):
            self._undo(operation)
            raise NotReady(
                ErrorReason.JOURNAL_SLOW,
                "the record could not be written in time, and nothing was changed; ask again",
                retry_after_s=1.0,
            )

    def _finish(self, operation: Operation) -> str:
        if operation.kind is OperationKind.ENROL_REFERENCE:
            return self._finish_enrolment(operation)
        self._destroy(operation)
        self._observe(Step.DESTROYED)
        self._gallery.scrub()
        self._observe(Step.SCRUBBED)
        with self._gallery.writing(growing=False) as writing:
            answer = _erasure_answer(operation, writing)
            writing.finish(operation, answer)
        self._observe(Step.ANSWERED)
        return answer

    def _finish_enrolment(self, operation: Operation) -> str:
        reference_id = _reference_of(operation)
        with self._gallery.writing(growing=False) as writing:
            writing.activate(operation.subject_id, reference_id)
            answer = dump_enrolment(reference_id, operation.detail, writing.subject(operation.subject_id))
            writing.finish(operation, answer)
        self._observe(Step.ANSWERED)
        return answer

    def _destroy(self, operation: Operation) -> None:
        with self._gallery.writing(growing=False) as writing:
            if operation.kind is OperationKind.ERASE_SUBJECT:
                writing.destroy_subject(operation.subject_id)
            else:
                writing.destroy_reference(operation.subject_id, _reference_of(operation))

    def _undo(self, operation: Operation) -> None:
        with self._gallery.writing(growing=False) as writing:
            if operation.kind is OperationKind.ENROL_REFERENCE:
                writing.destroy_reference(operation.subject_id, _reference_of(operation))
            else:
                writing.restore(operation.subject_id)
            writing.abandon(operation)
        if operation.kind is OperationKind.ENROL_REFERENCE:
            self._gallery.scrub()


def _erasure_answer(operation: Operation, writing: GalleryWriting) -> str:
    if operation.kind is OperationKind.REMOVE_REFERENCE:
        return dump_subject(writing.subject(operation.subject_id))
    return dump_receipt(
        ErasureReceipt(
            # The ledger knows the erasure by the same id.
            receipt_id=operation.op_id,
            subject_id=operation.subject_id,
            erased_references=int(operation.detail),
            gallery_revision=writing.revision(),
            erased_at=writing.now,
        )
    )


def _reference_of(operation: Operation) -> str:
    if operation.reference_id is None:
        raise ValueError(f"operation {operation.op_id} ({operation.kind}) names no reference")
    return operation.reference_id
