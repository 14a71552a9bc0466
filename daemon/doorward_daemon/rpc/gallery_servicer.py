"""GalleryService over the gallery and the enrolment desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from doorward_api.v1 import gallery_service_pb2 as pb
from doorward_api.v1 import gallery_service_pb2_grpc
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.fingerprint import fingerprint_of
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.ports import EnrolmentDesk, GalleryReads
from doorward_daemon.rpc.wire_face import wire_face
from doorward_daemon.rpc.wire_subject import wire_receipt, wire_reference, wire_subject
from doorward_daemon.rpc.work_queue import WorkQueue

T = TypeVar("T")

_MOST_SUBJECTS = 500
_DEFAULT_SUBJECTS = 100
_CHANGEABLE = frozenset({"display_name"})


@dataclass(frozen=True, slots=True)
class GalleryRooms:
    """What the gallery is read and changed with."""

    desk: EnrolmentDesk
    """Changes it."""
    reads: GalleryReads
    """Reads it."""
    decode: Callable[[bytes], Picture]
    """Decodes a picture within its limits."""


class GalleryServicer(gallery_service_pb2_grpc.GalleryServiceServicer):
    """Keeps subjects and references.

    Args:
        rooms: what it is read and changed with.
        records: line of reads and of writes that judge no picture.
        recognition: line of enrolments.
        board: says whether the pipeline is fit.
    """

    def __init__(self, rooms: GalleryRooms, records: WorkQueue, recognition: WorkQueue, board: HealthBoard) -> None:
        self._rooms = rooms
        self._desk = rooms.desk
        self._records = records
        self._recognition = recognition
        self._board = board

    async def CreateSubject(self, request: pb.CreateSubjectRequest, context: Context) -> pb.CreateSubjectResponse:
        """Creates a subject without references."""
        checks = _checks_of(request.request_id)
        checks.identity("subject_id", request.subject_id, optional=True)
        checks.display_name("display_name", request.display_name)
        checks.refuse_if_wrong()
        subject = await self._write(
            request, lambda write: self._desk.create_subject(write, request.subject_id, request.display_name)
        )
        return pb.CreateSubjectResponse(subject=wire_subject(subject))

    async def GetSubject(self, request: pb.GetSubjectRequest, context: Context) -> pb.GetSubjectResponse:
        """Reads one subject."""
        checks = FieldChecks()
        checks.identity("subject_id", request.subject_id)
        checks.refuse_if_wrong()
        subject = await self._records.run(lambda: self._rooms.reads.subject(request.subject_id))
        return pb.GetSubjectResponse(subject=wire_subject(subject))

    async def ListSubjects(self, request: pb.ListSubjectsRequest, context: Context) -> pb.ListSubjectsResponse:
        """Reads a page of subjects."""
        checks = FieldChecks()
        page_size = checks.count("page_size", request.page_size, most=_MOST_SUBJECTS, default=_DEFAULT_SUBJECTS)
        checks.refuse_if_wrong()
        page = await self._records.run(lambda: self._rooms.reads.subjects(page_size, request.page_token))
        return pb.ListSubjectsResponse(
            subjects=[wire_subject(subject) for subject in page.subjects],
            next_page_token=page.next_page_token,
            total_size=page.total_size,
        )

    async def UpdateSubject(self, request: pb.UpdateSubjectRequest, context: Context) -> pb.UpdateSubjectResponse:
        """Changes a subject's name, the one field that can be changed."""
        checks = _checks_of(request.request_id)
        checks.identity("subject.subject_id", request.subject.subject_id)
        checks.display_name("subject.display_name", request.subject.display_name)
        checks.mask("update_mask", request.update_mask.paths, _CHANGEABLE)
        checks.refuse_if_wrong()
        wanted = request.subject
        subject = await self._write(
            request, lambda write: self._desk.update_subject(write, wanted.subject_id, wanted.display_name)
        )
        return pb.UpdateSubjectResponse(subject=wire_subject(subject))

    async def EraseSubject(self, request: pb.EraseSubjectRequest, context: Context) -> pb.EraseSubjectResponse:
        """Erases a subject."""
        checks = _checks_of(request.request_id)
        checks.identity("subject_id", request.subject_id)
        checks.refuse_if_wrong()
        receipt = await self._write(request, lambda write: self._desk.erase_subject(write, request.subject_id))
        return pb.EraseSubjectResponse(receipt=wire_receipt(receipt))

    async def AddReference(self, request: pb.AddReferenceRequest, context: Context) -> pb.AddReferenceResponse:
        """Enrols one more picture of a subject."""
        checks = _checks_of(request.request_id)
        checks.identity("subject_id", request.subject_id)
        checks.refuse_if_wrong()
        kind = checks.reference_kind("kind", request.kind)
        checks.refuse_if_wrong()
        self._board.require_pipeline()
        added = await self._recognition.run(
            lambda: self._desk.add_reference(
                WriteRequest(request.request_id, fingerprint_of(request)),
                request.subject_id,
                self._rooms.decode(request.picture.content),
                allow_low_quality=request.allow_low_quality,
                allow_duplicate=request.allow_duplicate,
                kind=kind,
            )
        )
        return pb.AddReferenceResponse(
            reference=wire_reference(added.reference), face=wire_face(added.judged), subject=wire_subject(added.subject)
        )

    async def RemoveReference(self, request: pb.RemoveReferenceRequest, context: Context) -> pb.RemoveReferenceResponse:
        """Destroys one reference."""
        checks = _checks_of(request.request_id)
        checks.identity("subject_id", request.subject_id)
        checks.identity("reference_id", request.reference_id)
        checks.refuse_if_wrong()
        subject = await self._write(
            request,
            lambda write: self._desk.remove_reference(write, request.subject_id, request.reference_id),
        )
        return pb.RemoveReferenceResponse(subject=wire_subject(subject))

    async def RuleOutDecision(self, request: pb.RuleOutDecisionRequest, context: Context) -> pb.RuleOutDecisionResponse:
        """Says that a decision was not about a subject."""
        checks = _checks_of(request.request_id)
        checks.identity("subject_id", request.subject_id)
        checks.number("event_seq", request.event_seq, least=1, most=2**63 - 1)
        checks.refuse_if_wrong()
        decision = DecisionKey(request.event_seq, request.event_epoch)
        added = await self._write(
            request, lambda write: self._desk.rule_out_decision(write, request.subject_id, decision)
        )
        return pb.RuleOutDecisionResponse(
            reference=wire_reference(added.reference), face=wire_face(added.judged), subject=wire_subject(added.subject)
        )

    async def _write(self, request: Message, change: Callable[[WriteRequest], T]) -> T:
        request_id: str = getattr(request, "request_id")  # noqa: B009 - every write has one; Message does not know it
        return await self._records.run(lambda: change(WriteRequest(request_id, fingerprint_of(request))))


def _checks_of(request_id: str) -> FieldChecks:
    checks = FieldChecks()
    checks.request_id(request_id)
    return checks
