"""A gate as the daemon would open it, in a folder of its own, with a journal that only remembers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera.slot import FrameSlot
from doorward_daemon.door import Doors, DoorSettings, SimulatedDoor
from doorward_daemon.enrolment import EnrolmentDesk, EnrolmentSample, FaceSources, WriteRequest
from doorward_daemon.entry import EntryDesk, EntryRecord
from doorward_daemon.errors import DoorwardError, ErrorReason, NotReady
from doorward_daemon.gallery import GallerySettings, open_gallery
from doorward_daemon.gate_loop import (
    GateLoop,
    GateLoopSettings,
    GateParts,
    GateView,
    TrackingIdentifier,
    ViewHub,
    open_gate_parts,
)
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.journal.draft import EventDraft
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.picture import Picture
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.opening import JudgingSettings, PackModels, cohort_of
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane
from doorward_sync.payload import encode_payload
from doorward_testing.journals import open_patient_journal

CAMERA = "camera-1"
DOOR = "main"
FRAME_NS = 33_333_333
"""Nanoseconds between frames at 30 per second."""


class HandClock:
    """Monotonic nanoseconds that pass only when told."""

    def __init__(self, now_ns: int = 1_000_000_000) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def pass_s(self, seconds: float) -> None:
        """Lets time pass."""
        self.now_ns += round(seconds * 1e9)


@dataclass(slots=True)
class NotebookRecorder:
    """A recorder in memory whose disk can be taken away: `slow` still writes when it is back, `broken` does not."""

    events: list[Event] = field(default_factory=list)
    disk: str = "works"
    _by_op: dict[str, Event] = field(default_factory=dict)
    _late: list[EventDraft] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def append(self, draft: EventDraft, timeout_s: float | None = None) -> Event:
        """Records an event, or fails as the disk does."""
        del timeout_s
        with self._lock:
            if self.disk == "slow":
                self._late.append(draft)
                raise NotReady(ErrorReason.JOURNAL_SLOW, "the disk did not answer in time")
            if self.disk == "broken":
                raise DoorwardError(ErrorReason.STORAGE_FAILED, "the disk is broken")
            return self._write(draft)

    def event_of(self, op_id: str) -> Event | None:
        """The event of an operation."""
        return self._by_op.get(op_id)

    def come_back(self) -> None:
        """The disk is back; what a slow one was given is written now."""
        with self._lock:
            self.disk = "works"
            late, self._late = self._late, []
            for draft in late:
                self._write(draft)

    def kinds(self) -> list[str]:
        """Kinds of the events, in order."""
        return [event.kind for event in self.events]

    def _write(self, draft: EventDraft) -> Event:
        if draft.op_id is not None and draft.op_id in self._by_op:
            return self._by_op[draft.op_id]
        seq = len(self.events) + 1
        time = EventTime(boot_id="boot", boottime_ns=seq, wall_time_us=seq, clock_state=ClockState.SYNCED)
        event = Event(
            key=EventKey(1, Lane.LEDGER, seq),
            event_id=str(seq),
            kind=draft.kind,
            time=time,
            payload=encode_payload(draft.payload),
            salt=b"",
            payload_digest=b"",
            chain_hash=b"",
        )
        self.events.append(event)
        if draft.op_id is not None:
            self._by_op[draft.op_id] = event
        return event


@dataclass(slots=True)
class StillCamera:
    """A camera whose frames are put into its slot by hand."""

    camera_id: str = CAMERA
    slot: FrameSlot = field(default_factory=FrameSlot)


def frame_of(bgr_hwc: NDArray[np.uint8], number: int, mono_ns: int) -> Frame:
    """A frame captured at a moment of our choice."""
    return Frame(CAMERA, number, bgr_hwc, mono_ns, datetime(2026, 11, 1, tzinfo=UTC))


@dataclass(slots=True, eq=False)
class GateSite:
    """An opened gate."""

    loop: GateLoop
    models: PackModels
    recorder: NotebookRecorder
    door: SimulatedDoor
    clock: HandClock
    camera: StillCamera
    enrolment: EnrolmentDesk
    identifier: TrackingIdentifier
    frames: int = 0

    @property
    def was_searched(self) -> bool:
        """Whether the newest frame was searched for faces."""
        return self.identifier.count.is_searched

    def enrol(self, subject_id: str, bgr_hwc: NDArray[np.uint8]) -> None:
        """Enrols a person from a picture."""
        self.enrolment.create_subject(WriteRequest(f"create-{subject_id}", b"f"), subject_id, subject_id.title())
        request = WriteRequest(f"add-{subject_id}", b"f")
        self.enrolment.add_reference(request, subject_id, Picture(bgr_hwc))

    def show(self, bgr_hwc: NDArray[np.uint8]) -> tuple[tuple[EntryRecord, ...], GateView]:
        """Shows the gate one frame, a thirtieth of a second after the last one."""
        self.clock.now_ns += FRAME_NS
        self.frames += 1
        records = self.loop.process(frame_of(bgr_hwc, self.frames, self.clock.now_ns))
        view = self.loop.hub.latest
        assert view is not None
        return records, view


def _enrolment_judge(models: PackModels, recognition: RecognitionParts) -> Callable[[Picture], EnrolmentSample]:

    def judge(picture: Picture) -> EnrolmentSample:
        faces = models.detector.detect(picture.bgr_hwc).largest_first()
        if not faces:
            return EnrolmentSample(None, None, ())
        found = recognition.judge.judge(picture, faces[0], faces[1:], StageClock(), embed_always=True)
        return EnrolmentSample(found.judged, found.embedding, tuple(face.width_px for face in faces))

    return judge


@contextmanager
def open_gate(
    folder: Path,
    pack: InstalledPack,
    policy: DoorPolicy,
    settings: GateLoopSettings | None = None,
    door_settings: Sequence[DoorSettings] = (DoorSettings(door_id=DOOR),),
    *,
    door_answers: bool = True,
) -> Iterator[GateSite]:
    """Opens a gate: models, gallery, door, desk, loop (not started)."""
    settings = settings or GateLoopSettings()
    with ExitStack() as stack:
        runtime = open_runtime(InferenceSettings(), None)
        stack.callback(runtime.close)
        judging = JudgingSettings()
        models = PackModels(pack, runtime, judging)
        gallery = stack.enter_context(
            open_gallery(
                folder,
                pack.manifest.embedding_id,
                GallerySettings(spare_disk_bytes=0),
                cohort=cohort_of(pack.manifest),
            )
        )
        ledger = stack.enter_context(open_patient_journal(folder))
        rule = OpenSetRule(pack.manifest.calibration, judging.open_set)
        parts = open_gate_parts(models, gallery, rule, policy, settings)
        enrolment = EnrolmentDesk(
            gallery, FaceSources(_enrolment_judge(models, parts.recognition)), pack.manifest.calibration, ledger
        )
        clock, recorder, camera = HandClock(), NotebookRecorder(), StillCamera()
        door = SimulatedDoor(clock, answers=door_answers)
        doors = Doors([(found, door) for found in door_settings])
        stack.callback(doors.close)
        desk = EntryDesk(recorder, doors, {DOOR: policy}, clock)
        identifier = TrackingIdentifier(parts)
        gate_parts = GateParts(
            identifier=identifier, desk=desk, hub=ViewHub(CAMERA, settings.max_watchers), clock_ns=clock
        )
        loop = GateLoop(camera, DOOR, gate_parts, settings)
        yield GateSite(loop, models, recorder, door, clock, camera, enrolment, identifier)
