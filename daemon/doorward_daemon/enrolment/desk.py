"""The enrolment desk: every write to the gallery, checked, idempotent, all or nothing."""

import contextlib
import uuid
from collections.abc import Callable, Iterator

from doorward_daemon.enrolment.admission import Admission
from doorward_daemon.enrolment.answer import dump_subject, load_enrolment, load_receipt, load_subject
from doorward_daemon.enrolment.face_sources import FaceSources
from doorward_daemon.enrolment.field_check import FieldCheck
from doorward_daemon.enrolment.ledger import Ledger
from doorward_daemon.enrolment.sample import EnrolmentResult
from doorward_daemon.enrolment.settings import EnrolmentSettings
from doorward_daemon.enrolment.staged_write import StagedWriter, Step
from doorward_daemon.enrolment.staging import new_operation, stage_reference
from doorward_daemon.gallery import Gallery, GalleryWriting, LongLock, Operation, OperationKind, WriteRequest
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.subject import ErasureReceipt, ReferenceKind, Subject
from doorward_daemon.packs.manifest import Calibration


def ignore_step(step: Step) -> None:
    """The observer of every desk but those of tests."""


class EnrolmentDesk:
    """Takes writes one at a time and answers a repeated one as it was answered the first time. Thread-safe.

    Args:
        gallery: holds the references.
        faces: where the faces of references come from.
        calibration: of the pack that makes the templates.
        ledger: decides what has happened.
        settings: what may be enrolled; None means the defaults.
        observe: called at each step of a staged write; for tests that end the process there.
    """

    def __init__(
        self,
        gallery: Gallery,
        faces: FaceSources,
        calibration: Calibration,
        ledger: Ledger,
        settings: EnrolmentSettings | None = None,
        observe: Callable[[Step], None] = ignore_step,
    ) -> None:
        self._gallery = gallery
        self._faces = faces
        self._admission = Admission(calibration, settings or EnrolmentSettings())
        self._writer = StagedWriter(gallery, ledger, observe)
        self._lock = LongLock("a gallery of the centre is coming into force")

    def settle(self) -> int:
        """Finishes or undoes what a stopped process left half done; to be called before serving.

        Returns:
            Writes settled.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        with self._lock:
            return self._writer.settle()

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """No write is under way, half done or begun while the body runs; for what changes the gallery beside the desk.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        with self._lock.for_long():
            self._writer.settle()
            yield

    def create_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """Creates a subject without references.

        Args:
            request: makes it idempotent.
            subject_id: 1..64 letters, digits, dot, dash, underscore; empty lets the device make one.
            display_name: at most 200 characters; may be empty.

        Raises:
            InvalidInput: FIELD_INVALID.
            AlreadyExists: SUBJECT_EXISTS, REQUEST_ID_REUSED.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        wanted = subject_id or str(uuid.uuid4())
        FieldCheck().request_id(request.request_id).subject_id(wanted).display_name(display_name).finish()
        return self._write_at_once(request, wanted, lambda writing: writing.create_subject(wanted, display_name))

    def update_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """Changes a subject's display name.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: SUBJECT_NOT_FOUND.
            AlreadyExists: REQUEST_ID_REUSED.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        FieldCheck().request_id(request.request_id).subject_id(subject_id).display_name(display_name).finish()
        return self._write_at_once(
            request, subject_id, lambda writing: writing.rename_subject(subject_id, display_name)
        )

    def erase_subject(self, request: WriteRequest, subject_id: str) -> ErasureReceipt:
        """Destroys a subject's key and references; no byte of a template is left in any file when this returns.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: SUBJECT_NOT_FOUND.
            AlreadyExists: REQUEST_ID_REUSED.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        FieldCheck().request_id(request.request_id).subject_id(subject_id).finish()

        def stage(writing: GalleryWriting) -> Operation:
            count = writing.mark_subject_erasing(subject_id)
            return new_operation(OperationKind.ERASE_SUBJECT, request, writing, subject_id, detail=str(count))

        return load_receipt(self._write_in_stages(OperationKind.ERASE_SUBJECT, request, stage))

    def add_reference(
        self,
        request: WriteRequest,
        subject_id: str,
        picture: Picture,
        *,
        allow_low_quality: bool = False,
        allow_duplicate: bool = False,
        kind: ReferenceKind = ReferenceKind.POSITIVE,
    ) -> EnrolmentResult:
        """Enrols one more picture of a subject, or of somebody who is not the subject and must not be named as such.

        Args:
            request: makes it idempotent; a refused request is judged again when it is repeated.
            subject_id: whose picture it is said to be.
            picture: shows the subject alone.
            allow_low_quality: enrol it below the wanted quality, down to 0.4.
            allow_duplicate: enrol it though another subject looks the same, or the subject's own references do not.
            kind: NEGATIVE for a picture of somebody else; duplicate and outlier are not asked about then.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: SUBJECT_NOT_FOUND.
            Conflict: NO_FACE, MULTIPLE_FACES, QUALITY_TOO_LOW, SUBJECT_DUPLICATE, REFERENCE_OUTLIER,
                TOO_MANY_REFERENCES, SUBJECT_WITHOUT_REFERENCES, EMBEDDING_MISMATCH.
            AlreadyExists: REQUEST_ID_REUSED.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        FieldCheck().request_id(request.request_id).subject_id(subject_id).finish()
        with self._lock.briefly():
            if (answer := self._answer_to(request)) is not None:
                return load_enrolment(answer)
            self._check_subject(subject_id, kind)
        # Judging takes the time of several inferences; the gallery stays open for others meanwhile.
        face = self._admission.check_sample(self._faces.judge(picture), allow_low_quality=allow_low_quality)
        template = face.template
        self._gallery.check_comparable(template.embedding_id, len(template.vector))

        def check() -> None:
            self._check_subject(subject_id, kind)
            if kind is ReferenceKind.POSITIVE and not allow_duplicate:
                self._admission.check_identity(subject_id, face.template, self._gallery.index())

        def stage(writing: GalleryWriting) -> Operation:
            return stage_reference(writing, request, subject_id, face, kind)

        return load_enrolment(self._write_in_stages(OperationKind.ENROL_REFERENCE, request, stage, check))

    def rule_out_decision(self, request: WriteRequest, subject_id: str, decision: DecisionKey) -> EnrolmentResult:
        """Makes the face of a decision a reference of somebody who is not the subject ("not this person").

        Args:
            request: makes it idempotent.
            subject_id: whom the decision named, or nearly named.
            decision: the recorded decision.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: SUBJECT_NOT_FOUND, EVENT_NOT_FOUND.
            Conflict: DECISION_FORGOTTEN, DECISION_OF_ANOTHER, TOO_MANY_REFERENCES, SUBJECT_WITHOUT_REFERENCES,
                EMBEDDING_MISMATCH.
            AlreadyExists: REQUEST_ID_REUSED.
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        FieldCheck().request_id(request.request_id).subject_id(subject_id).finish()
        with self._lock.briefly():
            if (answer := self._answer_to(request)) is not None:
                return load_enrolment(answer)
            self._check_subject(subject_id, ReferenceKind.NEGATIVE)
            # Recalled in the one line of writes: what an erasure made the memory forget is not brought back.
            face = self._admission.check_decision(subject_id, decision, self._faces.decisions.recall(decision))
            self._gallery.check_comparable(face.template.embedding_id, len(face.template.vector))

            def stage(writing: GalleryWriting) -> Operation:
                return stage_reference(writing, request, subject_id, face, ReferenceKind.NEGATIVE)

            return load_enrolment(self._writer.run(OperationKind.ENROL_REFERENCE, stage))

    def remove_reference(self, request: WriteRequest, subject_id: str, reference_id: str) -> Subject:
        """Destroys one reference of a subject; no byte of its template is left in any file when this returns.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: SUBJECT_NOT_FOUND, REFERENCE_NOT_FOUND.
            AlreadyExists: REQUEST_ID_REUSED.
            Overloaded: STORAGE_FULL; OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        check = FieldCheck().request_id(request.request_id).subject_id(subject_id)
        check.reference_id(reference_id).finish()

        def stage(writing: GalleryWriting) -> Operation:
            writing.mark_reference_erasing(subject_id, reference_id)
            return new_operation(
                OperationKind.REMOVE_REFERENCE, request, writing, subject_id, reference_id=reference_id
            )

        return load_subject(self._write_in_stages(OperationKind.REMOVE_REFERENCE, request, stage))

    def _write_at_once(
        self, request: WriteRequest, subject_id: str, write: Callable[[GalleryWriting], Subject]
    ) -> Subject:
        with self._lock.briefly():
            if (answer := self._answer_to(request)) is not None:
                return load_subject(answer)
            with self._gallery.writing(growing=True) as writing:
                subject = write(writing)
                writing.store_answer(request, subject_id, dump_subject(subject))
            return subject

    def _write_in_stages(
        self,
        kind: OperationKind,
        request: WriteRequest,
        stage: Callable[[GalleryWriting], Operation],
        check: Callable[[], None] = lambda: None,
    ) -> str:
        with self._lock.briefly():
            if (answer := self._answer_to(request)) is not None:
                return answer
            check()
            return self._writer.run(kind, stage)

    def _answer_to(self, request: WriteRequest) -> str | None:
        # What an earlier failure left half done comes first: it may be this very request.
        self._writer.settle()
        return self._gallery.answer_to(request)

    def _check_subject(self, subject_id: str, kind: ReferenceKind) -> None:
        self._gallery.subject(subject_id)
        if kind is ReferenceKind.NEGATIVE:
            self._admission.check_mistakable(subject_id, self._gallery.index())
        self._admission.check_room(subject_id, self._gallery.index(), kind)
