"""What the servicers need of the rest of the daemon; everything is blocking, thread-safe and raises typed errors."""

from collections.abc import Callable, Sequence
from typing import Protocol

from doorward_daemon.model.camera_view import CameraView
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.decision import Feature, Identification, JudgedFace, Verification
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.model.subject import ErasureReceipt, Reference, ReferenceKind, Subject, SubjectPage
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.rpc.camera_entry import CameraEntry
from doorward_daemon.rpc.device import DeviceInfo, DeviceStatus, PackEntry
from doorward_daemon.rpc.door import DoorEntry, DoorOpening, OpenedDoor
from doorward_daemon.rpc.frame_answer import FrameAnswer
from doorward_daemon.rpc.punch import Punch, PunchAsked
from doorward_daemon.rpc.uplink_status import UplinkStatus
from doorward_sync.event import Event, Lane


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

    def gallery_revision(self) -> int:
        """Revision of the gallery that is searched; every change raises it."""
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
        kind: ReferenceKind,
    ) -> EnrolledReference:
        """Enrols one more picture of a subject, or one of somebody who is not the subject."""
        ...

    def remove_reference(self, request: WriteRequest, subject_id: str, reference_id: str) -> Subject:
        """Destroys one reference."""
        ...

    def rule_out_decision(self, request: WriteRequest, subject_id: str, decision: DecisionKey) -> EnrolledReference:
        """Makes the face of a decision a reference of somebody who is not the subject."""
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


class LanePosition(Protocol):
    """How far a lane has got."""

    @property
    def epoch(self) -> int:
        """Of the journal."""
        ...

    @property
    def first_retained(self) -> int:
        """Lowest seq still here; last + 1 where nothing is."""
        ...

    @property
    def last(self) -> int:
        """Highest seq given; 0 before the first event."""
        ...


class EventReads(Protocol):
    """Reads the journal."""

    def read(self, lane: Lane, after_seq: int, limit: int, kind: str = "") -> list[Event]:
        """Events of a lane, ascending; NotReady JOURNAL_SLOW, Fault STORAGE_FAILED."""
        ...

    def lane_state(self, lane: Lane) -> LanePosition:
        """How far a lane has got; answers at once."""
        ...

    def subscribe(self, callback: Callable[[Sequence[Event]], None]) -> Callable[[], None]:
        """Calls back with every event from now on, in order, after it is on disk, on the journal's thread.

        Answers at once, with what ends it.
        """
        ...


class CameraDesk(Protocol):
    """Shows the cameras."""

    def statuses(self) -> Sequence[CameraEntry]:
        """All cameras, in the order of the configuration; answers at once."""
        ...

    def snapshot(self, camera_id: str) -> CameraView:
        """The newest frame with what was last seen; NotFound CAMERA_NOT_FOUND, NotReady CAMERA_LOST."""
        ...

    def watch(self, camera_id: str, callback: Callable[[CameraView], None]) -> Callable[[], None]:
        """Calls back with every frame that is judged from now on, on a thread that is no caller's.

        Answers at once, with what ends it; NotFound CAMERA_NOT_FOUND, Overloaded OVERLOADED where as many watch as may.
        """
        ...


class AccessDesk(Protocol):
    """Shows and opens the doors."""

    def doors(self) -> Sequence[DoorEntry]:
        """All doors, in the order of the configuration; answers at once."""
        ...

    def open_door(self, opening: DoorOpening) -> OpenedDoor:
        """Records and opens; NotFound DOOR_NOT_FOUND, Fault DOOR_FAULT, NotReady JOURNAL_SLOW, REQUEST_ID_REUSED.

        A repeated request opens nothing and answers as the first one did.
        """
        ...


class AttendanceDesk(Protocol):
    """Records who came and went."""

    def punch(self, punch: PunchAsked) -> Punch:
        """Identifies and, for MATCHED, records; as `Recogniser.identify` and AccessDesk.open_door."""
        ...


class UplinkReads(Protocol):
    """Tells about the connection to the centre."""

    def status(self) -> UplinkStatus:
        """How it is now; answers at once."""
        ...


class FrameSession(Protocol):
    """Follows the faces of one stream of frames; used by one call at a time."""

    def push(self, frame: Frame) -> FrameAnswer:
        """Judges the next frame; runs models."""
        ...

    def close(self) -> None:
        """The stream has ended."""
        ...


class FrameJudge(Protocol):
    """Judges streams of frames from clients."""

    def open(self, door_id: str) -> FrameSession:
        """Begins a stream; an empty door judges only; NotFound DOOR_NOT_FOUND. Answers at once."""
        ...
