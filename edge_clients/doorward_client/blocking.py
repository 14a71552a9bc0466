"""The blocking client, for scripts and threads."""

from collections.abc import Iterator
from pathlib import Path

from doorward_api.v1.device_service_pb2 import (
    GetInfoRequest,
    GetInfoResponse,
    GetStatusRequest,
    GetStatusResponse,
    ListPacksRequest,
    ListPacksResponse,
    RunSelfTestRequest,
    RunSelfTestResponse,
)
from doorward_api.v1.gallery_service_pb2 import (
    AddReferenceRequest,
    AddReferenceResponse,
    CreateSubjectRequest,
    CreateSubjectResponse,
    EraseSubjectRequest,
    EraseSubjectResponse,
    GetSubjectRequest,
    GetSubjectResponse,
    ListSubjectsRequest,
    ListSubjectsResponse,
    RemoveReferenceRequest,
    RemoveReferenceResponse,
    RuleOutDecisionRequest,
    RuleOutDecisionResponse,
    UpdateSubjectResponse,
)
from doorward_api.v1.pack_pb2 import Pack
from doorward_api.v1.recognition_service_pb2 import (
    DetectRequest,
    DetectResponse,
    ExtractRequest,
    ExtractResponse,
    IdentifyRequest,
    IdentifyResponse,
    VerifyResponse,
)
from doorward_api.v1.subject_pb2 import REFERENCE_KIND_NEGATIVE, Subject
from doorward_client.blocking_site import SiteCalls
from doorward_client.request import new_request_id, rename_request, verify_request


class DoorwardClient(SiteCalls):
    """A connection to one daemon; enter it to open, leave it to close. Threads may share it.

    Every method is one rpc and returns the contract's own response message; `timeout_s` replaces the deadline of the
    settings. Failures are raised as `DoorwardError`, by reason. A write may be given a `request_id`; without one it
    makes its own, and keeps it over its retries, so that it happens once.

    Args:
        target: the listener; None takes DOORWARD_TARGET or what stands for it when the client is entered.
        settings: deadline, limits and retries.
    """

    def detect(self, picture: bytes | Path, *, timeout_s: float | None = None) -> DetectResponse:
        """Finds the faces of a picture, with quality and liveness of each."""
        return self._call(self._link.recognition.Detect, DetectRequest(picture=self._picture(picture)), timeout_s)

    def extract(self, picture: bytes | Path, *, timeout_s: float | None = None) -> ExtractResponse:
        """Computes the feature of the largest face."""
        return self._call(self._link.recognition.Extract, ExtractRequest(picture=self._picture(picture)), timeout_s)

    def verify(
        self,
        probe: bytes | Path,
        reference: bytes | Path | None = None,
        *,
        subject_id: str | None = None,
        timeout_s: float | None = None,
    ) -> VerifyResponse:
        """Compares a picture with another picture, or with an enrolled subject (1:1)."""
        presented = self._picture(probe)
        other = None if reference is None else self._picture(reference)
        request = verify_request(presented, other, subject_id)
        return self._call(self._link.recognition.Verify, request, timeout_s)

    def identify(
        self, picture: bytes | Path, *, max_candidates: int = 0, timeout_s: float | None = None
    ) -> IdentifyResponse:
        """Asks whom a picture shows (1:N); 0 candidates means the daemon's default."""
        request = IdentifyRequest(picture=self._picture(picture), max_candidates=max_candidates)
        return self._call(self._link.recognition.Identify, request, timeout_s)

    def create_subject(
        self,
        subject_id: str = "",
        *,
        display_name: str = "",
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> CreateSubjectResponse:
        """Creates a subject without references; an empty identity lets the device make one."""
        request = CreateSubjectRequest(
            request_id=request_id or new_request_id(), subject_id=subject_id, display_name=display_name
        )
        return self._call(self._link.gallery.CreateSubject, request, timeout_s)

    def get_subject(self, subject_id: str, *, timeout_s: float | None = None) -> GetSubjectResponse:
        """Reads one subject."""
        return self._call(self._link.gallery.GetSubject, GetSubjectRequest(subject_id=subject_id), timeout_s)

    def list_subjects_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListSubjectsResponse:
        """Reads one page of subjects; an empty token asks for the first."""
        request = ListSubjectsRequest(page_size=page_size, page_token=page_token)
        return self._call(self._link.gallery.ListSubjects, request, timeout_s)

    def list_subjects(self, *, page_size: int = 0, timeout_s: float | None = None) -> Iterator[Subject]:
        """Reads all subjects, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = self.list_subjects_page(token, page_size=page_size, timeout_s=timeout_s)
            yield from page.subjects
            token, more = page.next_page_token, bool(page.next_page_token)

    def update_subject(
        self, subject_id: str, *, display_name: str, request_id: str | None = None, timeout_s: float | None = None
    ) -> UpdateSubjectResponse:
        """Changes the display name of a subject."""
        request = rename_request(subject_id, display_name, request_id)
        return self._call(self._link.gallery.UpdateSubject, request, timeout_s)

    def erase_subject(
        self, subject_id: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> EraseSubjectResponse:
        """Erases a subject with all references and returns the receipt."""
        request = EraseSubjectRequest(request_id=request_id or new_request_id(), subject_id=subject_id)
        return self._call(self._link.gallery.EraseSubject, request, timeout_s)

    def add_reference(
        self,
        subject_id: str,
        picture: bytes | Path,
        *,
        allow_low_quality: bool = False,
        allow_duplicate: bool = False,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> AddReferenceResponse:
        """Enrols one more picture of a subject."""
        request = AddReferenceRequest(
            request_id=request_id or new_request_id(),
            subject_id=subject_id,
            picture=self._picture(picture),
            allow_low_quality=allow_low_quality,
            allow_duplicate=allow_duplicate,
        )
        return self._call(self._link.gallery.AddReference, request, timeout_s)

    def not_this_person(
        self,
        subject_id: str,
        picture: bytes | Path,
        *,
        allow_low_quality: bool = False,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> AddReferenceResponse:
        """Says that a picture shows somebody who is not the subject and must not be named as such."""
        request = AddReferenceRequest(
            request_id=request_id or new_request_id(),
            subject_id=subject_id,
            picture=self._picture(picture),
            allow_low_quality=allow_low_quality,
            kind=REFERENCE_KIND_NEGATIVE,
        )
        return self._call(self._link.gallery.AddReference, request, timeout_s)

    def rule_out_decision(
        self,
        subject_id: str,
        event_seq: int,
        *,
        event_epoch: int = 0,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> RuleOutDecisionResponse:
        """Says of a decision that was just taken that it was not the subject."""
        request = RuleOutDecisionRequest(
            request_id=request_id or new_request_id(),
            subject_id=subject_id,
            event_seq=event_seq,
            event_epoch=event_epoch,
        )
        return self._call(self._link.gallery.RuleOutDecision, request, timeout_s)

    def remove_reference(
        self, subject_id: str, reference_id: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> RemoveReferenceResponse:
        """Destroys one reference."""
        request = RemoveReferenceRequest(
            request_id=request_id or new_request_id(), subject_id=subject_id, reference_id=reference_id
        )
        return self._call(self._link.gallery.RemoveReference, request, timeout_s)

    def get_status(self, *, timeout_s: float | None = None) -> GetStatusResponse:
        """How the device is now."""
        return self._call(self._link.device.GetStatus, GetStatusRequest(), timeout_s)

    def get_info(self, *, timeout_s: float | None = None) -> GetInfoResponse:
        """What the device is."""
        return self._call(self._link.device.GetInfo, GetInfoRequest(), timeout_s)

    def list_packs_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListPacksResponse:
        """Reads one page of the packs that the daemon knows; an empty token asks for the first."""
        request = ListPacksRequest(page_size=page_size, page_token=page_token)
        return self._call(self._link.device.ListPacks, request, timeout_s)

    def list_packs(self, *, page_size: int = 0, timeout_s: float | None = None) -> Iterator[Pack]:
        """Reads all packs that the daemon knows, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = self.list_packs_page(token, page_size=page_size, timeout_s=timeout_s)
            yield from page.packs
            token, more = page.next_page_token, bool(page.next_page_token)

    def run_self_test(self, *, timeout_s: float | None = None) -> RunSelfTestResponse:
        """Sends the golden picture through the live pipeline; a test that does not pass is a result, not an error."""
        return self._call(self._link.device.RunSelfTest, RunSelfTestRequest(), timeout_s)
