"""A small gallery behind the wire contract: subjects in memory, writes idempotent by request."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from doorward_daemon.errors import AlreadyExists, Conflict, ErrorReason, InvalidInput, NotFound
from doorward_daemon.gallery import WriteRequest
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.subject import ErasureReceipt, Reference, ReferenceKind, Subject, SubjectPage
from doorward_testing import answers
from doorward_testing.rpc_rooms import PICTURE, decode_small_picture

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SmallEnrolled:
    """What adding a reference answers."""

    reference: Reference
    judged: JudgedFace
    subject: Subject


class SmallGallery:
    """Subjects in memory; writes are idempotent by request."""

    def __init__(self) -> None:
        self._subjects: dict[str, Subject] = {}
        self._done: dict[str, tuple[bytes, object]] = {}
        self._revision = 0

    def subject(self, subject_id: str) -> Subject:
        """One subject."""
        if subject_id not in self._subjects:
            raise NotFound(ErrorReason.SUBJECT_NOT_FOUND, f"there is no subject {subject_id}")
        return self._subjects[subject_id]

    def subjects(self, page_size: int, page_token: str) -> SubjectPage:
        """A page; the token is the last identity of the page before."""
        if page_token and page_token not in self._subjects:
            raise InvalidInput(ErrorReason.PAGE_TOKEN_INVALID, "no such page")
        rest = [self._subjects[name] for name in sorted(self._subjects) if name > page_token]
        page = tuple(rest[:page_size])
        token = page[-1].subject_id if len(rest) > page_size else ""
        return SubjectPage(page, token, len(self._subjects))

    def create_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """A new subject."""

        def create() -> Subject:
            name = subject_id or f"subject-{len(self._subjects)}"
            if name in self._subjects:
                raise AlreadyExists(ErrorReason.SUBJECT_EXISTS, f"{name} is there")
            return self._keep(Subject(name, display_name, (), 0, answers.MOMENT, answers.MOMENT))

        return self._once(request, create)

    def update_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """Another name."""
        return self._once(request, lambda: self._keep(replace(self.subject(subject_id), display_name=display_name)))

    def erase_subject(self, request: WriteRequest, subject_id: str) -> ErasureReceipt:
        """No subject."""

        def erase() -> ErasureReceipt:
            gone = self.subject(subject_id)
            del self._subjects[subject_id]
            self._revision += 1
            return ErasureReceipt("receipt-1", subject_id, len(gone.references), self._revision, answers.MOMENT)

        return self._once(request, erase)

    def add_reference(
        self,
        request: WriteRequest,
        subject_id: str,
        picture: Picture,
        *,
        allow_low_quality: bool,
        allow_duplicate: bool,
        kind: ReferenceKind,
    ) -> SmallEnrolled:
        """One more reference."""

        def add() -> SmallEnrolled:
            subject = self.subject(subject_id)
            name = f"reference-{len(subject.references)}"
            reference = Reference(name, 0.83, QualityBand.HIGH, "compact-1a2b", "f32", answers.MOMENT, kind)
            kept = self._keep(replace(subject, references=(*subject.references, reference)))
            return SmallEnrolled(reference, answers.judged_face(), kept)

        return self._once(request, add)

    def rule_out_decision(self, request: WriteRequest, subject_id: str, decision: DecisionKey) -> SmallEnrolled:
        """A reference of somebody else, for decision 7."""
        if decision.seq != 7:
            raise Conflict(ErrorReason.DECISION_FORGOTTEN, f"decision {decision.seq} is not remembered")
        return self.add_reference(
            request,
            subject_id,
            decode_small_picture(PICTURE),
            allow_low_quality=False,
            allow_duplicate=False,
            kind=ReferenceKind.NEGATIVE,
        )

    def remove_reference(self, request: WriteRequest, subject_id: str, reference_id: str) -> Subject:
        """One reference less."""

        def remove() -> Subject:
            subject = self.subject(subject_id)
            left = tuple(known for known in subject.references if known.reference_id != reference_id)
            if len(left) == len(subject.references):
                raise NotFound(ErrorReason.REFERENCE_NOT_FOUND, f"there is no reference {reference_id}")
            return self._keep(replace(subject, references=left))

        return self._once(request, remove)

    def _keep(self, subject: Subject) -> Subject:
        self._revision += 1
        kept = replace(subject, revision=self._revision)
        self._subjects[kept.subject_id] = kept
        return kept

    def _once(self, request: WriteRequest, change: Callable[[], T]) -> T:
        if request.request_id in self._done:
            fingerprint, answer = self._done[request.request_id]
            if fingerprint != request.fingerprint:
                raise AlreadyExists(ErrorReason.REQUEST_ID_REUSED, f"{request.request_id} was used")
            return cast(T, answer)
        answer = change()
        self._done[request.request_id] = (request.fingerprint, answer)
        return answer
