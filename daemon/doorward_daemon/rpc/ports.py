"""What the servicers need of the rest of the daemon; everything is blocking, thread-safe and raises typed errors."""

from collections.abc import Sequence
from typing import Protocol

from doorward_daemon.gallery.write_request import WriteRequest
from doorward_daemon.model.decision import Feature, Identification, JudgedFace, Verification
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.model.subject import ErasureReceipt, Reference, Subject, SubjectPage
from doorward_daemon.rpc.device import DeviceInfo, DeviceStatus, PackEntry


class DetectedFaces(Protocol):
    """The faces of a picture, judged."""

    @property
    def faces(self) -> Sequence[JudgedFace]:
        """Largest first."""
        ...

    @property
    def width_px(self) -> int:
        """Width of the picture."""
        ...

    @property
    def height_px(self) -> int:
        """Height of the picture."""
        ...


class Recogniser(Protocol):
    """Judges encoded pictures."""

    def detect(self, content: bytes) -> DetectedFaces:
        """Finds and judges all faces."""
        ...

    def extract(self, content: bytes) -> Feature:
        """Computes the feature of the largest face."""
        ...

    def verify(self, probe: bytes, reference: bytes | None, subject_id: str | None) -> Verification:
        """Compares with exactly one of a picture and an enrolled subject."""
        ...

    def identify(self, content: bytes, max_candidates: int) -> Identification:
        """Asks whom a picture shows."""
        ...


class GalleryReads(Protocol):
    """Reads of the gallery."""

    def subject(self, subject_id: str) -> Subject:
        """One subject; NotFound SUBJECT_NOT_FOUND."""
        ...

    def subjects(self, page_size: int, page_token: str) -> SubjectPage:
        """A page of subjects by identity; InvalidInput PAGE_TOKEN_INVALID."""
        ...


class EnrolledReference(Protocol):
    """What adding a reference answers."""

    @property
    def reference(self) -> Reference:
        """The reference as stored."""
        ...

    @property
    def judged(self) -> JudgedFace:
        """The face it was taken from."""
        ...

    @property
    def subject(self) -> Subject:
        """The subject with it."""
        ...


class EnrolmentDesk(Protocol):
    """Changes the gallery; every write is idempotent by its request."""

    def create_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """Creates a subject; an empty subject_id lets the device make one."""
        ...

    def update_subject(self, request: WriteRequest, subject_id: str, display_name: str) -> Subject:
        """Changes a subject's name."""
        ...

    def erase_subject(self, request: WriteRequest, subject_id: str) -> ErasureReceipt:
        """Destroys a subject with everything that belongs to it."""
        ...

    def add_reference(
        self,
        request: WriteRequest,
        subject_id: str,
        picture: Picture,
        *,
        allow_low_quality: bool,
        allow_duplicate: bool,
    ) -> EnrolledReference:
        """Enrols one more picture of a subject."""
        ...

    def remove_reference(self, request: WriteRequest, subject_id: str, reference_id: str) -> Subject:
        """Destroys one reference."""
        ...


class DeviceDesk(Protocol):
    """Tells about the device and tests it."""

    def status(self) -> DeviceStatus:
        """How it is now."""
        ...

    def info(self) -> DeviceInfo:
        """What it is."""
        ...

    def packs(self) -> Sequence[PackEntry]:
        """The packs this version knows."""
        ...

    def run_self_test(self) -> SelfTestReport:
        """Sends the golden picture through the live pipeline."""
        ...
