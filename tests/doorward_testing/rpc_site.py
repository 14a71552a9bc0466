"""Small rooms behind the streams of the wire contract: a camera, a door, a time sheet, a judge of frames, an uplink."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from doorward_daemon.access import Access, AccessReason, DoorState
from doorward_daemon.camera import CameraState, CameraStatus
from doorward_daemon.errors import AlreadyExists, ErrorReason, NotFound, NotReady
from doorward_daemon.journal import EventDraft, Journal
from doorward_daemon.model.camera_view import CameraView, TrackView
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.liveness import ChallengePolicy, LivenessPolicy
from doorward_daemon.model.quality import Guidance
from doorward_daemon.rpc import (
    CameraEntry,
    DoorEntry,
    DoorOpening,
    FrameAnswer,
    OpenedDoor,
    Punch,
    PunchAsked,
    TrackDecision,
    UplinkState,
    UplinkStatus,
)
from doorward_testing import answers

JPEG = b"\xff\xd8 a picture \xff\xd9"
"""What every frame looks like."""


def no_such(what: ErrorReason, name: str) -> NotFound:
    """What is asked for is not there."""
    return NotFound(what, f"there is no {name}", metadata={"name": name})


def track_view() -> TrackView:
    """A face that is told to come closer."""
    return TrackView(
        track_id=7,
        judged=answers.judged_face(),
        guidance=(Guidance.COME_CLOSER,),
        outcome=Outcome.MATCHED,
        display_name="Ada Lovelace",
        evidence=0.5,
    )


class SmallCameras:
    """Two cameras: `gate` gives what a test shows it, `yard` is lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[object, Callable[[CameraView], None]] = {}
        self.encoded = 0
        """Pictures that were made."""

    @property
    def watchers(self) -> int:
        """Who watches the gate."""
        return len(self._watchers)

    def show(self, number: int) -> None:
        """Gives the gate a frame."""
        with self._lock:
            watchers = list(self._watchers.values())
        for watcher in watchers:
            watcher(self.view(number))

    def view(self, number: int) -> CameraView:
        """A frame with one face."""
        return CameraView(
            camera_id="gate",
            frame_number=number,
            captured_at=answers.MOMENT,
            width_px=640,
            height_px=480,
            tracks=(track_view(),),
            encode=self._encode,
        )

    def statuses(self) -> Sequence[CameraEntry]:
        """Both."""
        return (
            CameraEntry(CameraStatus("gate", CameraState.STREAMING, "", 90, 2, 1, 29.5, 640, 480), "front"),
            CameraEntry(CameraStatus("yard", CameraState.LOST, "no such device", 0, 0, 4, 0.0, 0, 0)),
        )

    def snapshot(self, camera_id: str) -> CameraView:
        """A frame of the gate."""
        if camera_id == "yard":
            raise NotReady(ErrorReason.CAMERA_LOST, "the yard gives no pictures", metadata={"camera_id": "yard"})
        if camera_id != "gate":
            raise no_such(ErrorReason.CAMERA_NOT_FOUND, camera_id)
        return self.view(1)

    def watch(self, camera_id: str, callback: Callable[[CameraView], None]) -> Callable[[], None]:
        """Watches the gate."""
        if camera_id not in ("gate", "yard"):
            raise no_such(ErrorReason.CAMERA_NOT_FOUND, camera_id)
        key = object()
        with self._lock:
            self._watchers[key] = callback

        def end() -> None:
            with self._lock:
                self._watchers.pop(key)

        return end

    def _encode(self) -> bytes:
        self.encoded += 1
        return JPEG


class SmallDoors:
    """One door, `front`, over a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._answers: dict[str, tuple[bytes, OpenedDoor]] = {}
        self.openings: list[DoorOpening] = []
        """What it was asked for and did."""

    def doors(self) -> Sequence[DoorEntry]:
        """The door."""
        return (self._door(DoorState.LOCKED),)

    def open_door(self, opening: DoorOpening) -> OpenedDoor:
        """Records and opens, once per request."""
        if opening.door_id != "front":
            raise no_such(ErrorReason.DOOR_NOT_FOUND, opening.door_id)
        if (before := self._answers.get(opening.write.request_id)) is not None:
            if before[0] != opening.write.fingerprint:
                raise AlreadyExists(ErrorReason.REQUEST_ID_REUSED, "the request id was used")
            return before[1]
        event = self._journal.append(EventDraft("access.granted", {"door_id": "front", "role": opening.role}))
        self.openings.append(opening)
        opened = OpenedDoor(self._door(DoorState.UNLOCKED), event)
        self._answers[opening.write.request_id] = (opening.write.fingerprint, opened)
        return opened

    def _door(self, state: DoorState) -> DoorEntry:
        return DoorEntry(
            door_id="front",
            display_name="Front door",
            state=state,
            problem="",
            openings=len(self.openings),
            faults=0,
            liveness=LivenessPolicy.PREFERRED,
            challenge=ChallengePolicy.OFF,
        )


class SmallTimeSheet:
    """Recognises Ada in every picture that is not empty."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def punch(self, punch: PunchAsked) -> Punch:
        """Records Ada."""
        facts = {"subject_id": "ada", "mode": punch.direction.value, "role": punch.role}
        return Punch(answers.identification(), self._journal.append(EventDraft("attendance.punched", facts)))


class SmallUplink:
    """Connected, with something left to send."""

    def status(self) -> UplinkStatus:
        """How it is."""
        return UplinkStatus(
            state=UplinkState.CONNECTED,
            centre_address="centre.example:8443",
            unsent_events=3,
            oldest_unsent_age_s=1.5,
            last_acknowledged_seq=41,
            last_problem="the centre was restarted",
            connected_since=answers.MOMENT + timedelta(seconds=1),
            attempts=4,
            alarms={"hole": 2},
            quarantined_events=1,
        )


class SmallSession:
    """Sees one face in every frame and decides with the second."""

    def __init__(self, judge: "SmallJudge", door_id: str) -> None:
        self._judge = judge
        self._door_id = door_id
        self._frames = 0

    def push(self, frame: Frame) -> FrameAnswer:
        """One face."""
        self._judge.frames.append(frame)
        self._judge.busy.release()
        self._judge.let_go.wait(30)
        self._frames += 1
        access = Access(True, AccessReason.IDENTIFIED, Outcome.MATCHED) if self._door_id else None
        decision = TrackDecision(7, answers.identification(), access, None)
        return FrameAnswer((track_view(),), (decision,) if self._frames == 2 else ())

    def close(self) -> None:
        """Counts."""
        self._judge.closed.release()


class SmallJudge:
    """Opens sessions; a test may make them slow."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        """Frames that were judged."""
        self.busy = threading.Semaphore(0)
        """Released with every frame that is begun."""
        self.closed = threading.Semaphore(0)
        """Released with every session that ends."""
        self.let_go = threading.Event()
        """Unset, every frame waits for it."""
        self.let_go.set()

    def open(self, door_id: str) -> SmallSession:
        """A session."""
        if door_id not in ("", "front"):
            raise no_such(ErrorReason.DOOR_NOT_FOUND, door_id)
        return SmallSession(self, door_id)
