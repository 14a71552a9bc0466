"""Cameras at their own pace before gates of the daemon, with a gallery of random subjects and an ear at each gate."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera import Cameras, CameraSettings, CameraThread
from doorward_daemon.door import Doors, DoorSettings, open_doors
from doorward_daemon.entry import EntryDesk
from doorward_daemon.errors import ErrorReason, Fault, NotReady
from doorward_daemon.gallery import Gallery, open_gallery
from doorward_daemon.gate_loop import (
    GateLoop,
    GateLoopSettings,
    GateMetrics,
    GateParts,
    SearchSettings,
    SilentMetrics,
    TrackingIdentifier,
    ViewHub,
    open_gate_parts,
)
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.journal import Journal, JournalSettings, open_event_clock, open_journal
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.recognition.opening import PackModels, cohort_of, open_recogniser
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.gate_ear import GateEar, ListeningRecorder, NewcomerIdentifier
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.pipeline_rig import demonstration_picture
from doorward_daemon.tools.random_gallery import enrol_random
from doorward_daemon.tools.recorded_runtime import RecordedRuntime
from doorward_daemon.vision.picture import decode_picture

# As many denials as there are frames: at a gate they would be counted only, here each is a measurement.
# Every frame is to be judged, whether anything moves in it or not.
_EVERY_FRAME = GateLoopSettings(max_denied_per_minute=1000, search=SearchSettings(when="always"))
_WARM_UP = 5
_STOP_S = 5.0
_SETTLE_S = 1.0
"""So long every loop runs before frames count, seconds."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Manner:
    """How the measured gates work."""

    policy: DoorPolicy = field(default_factory=lambda: DoorPolicy(liveness=LivenessPolicy.OFF))
    """Of every door."""
    loop: GateLoopSettings = _EVERY_FRAME
    """Of every gate."""
    has_newcomers: bool = True
    """Whether everybody decided about is a newcomer in the next frame, so that every good frame goes the whole way."""
    make_hub: Callable[[str], ViewHub] = lambda camera_id: ViewHub(camera_id, _EVERY_FRAME.max_watchers)
    """Makes what shows the views of a camera."""
    metrics: GateMetrics = field(default_factory=SilentMetrics)
    """Counts for all gates."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredGate:
    """One camera, its loop, and what was heard there."""

    camera: CameraThread
    """The camera."""
    loop: GateLoop
    """Its gate."""
    ear: GateEar
    """Listens to it."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraRig:
    """What a measurement with cameras needs."""

    models: PackModels
    """Loaded once, for all gates."""
    parts: RecognitionParts
    """The same as the gates judge with."""
    runtime: RecordedRuntime
    """Their runtime."""
    gates: tuple[MeasuredGate, ...]
    """The gates, running."""

    @property
    def manifest(self) -> PackManifest:
        """The pack."""
        return self.models.manifest


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    models: PackModels
    runtime: RecordedRuntime
    gallery: Gallery
    rule: OpenSetRule
    journal: Journal
    doors: Doors
    manner: Manner


@contextmanager
def open_camera_rig(
    context: ToolContext,
    pack_name: str,
    settings: Sequence[CameraSettings],
    subjects: int,
    manner: Manner | None = None,
) -> Iterator[CameraRig]:
    """Opens cameras and gates on a gallery of random subjects, the astronaut last.

    Args:
        context: home and settings.
        pack_name: name of an installed pack; empty = the configured, else the active one.
        settings: of the cameras, each before a door of its own.
        subjects: in the gallery.
        manner: how the gates work; None lets every good frame go the whole way, without liveness.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        Fault: INFERENCE_FAILED, STORAGE_FAILED.
    """
    manner = manner or Manner()
    with ExitStack() as stack:
        devices = stack.enter_context(opened_runtime(context))
        pack = running_pack(context, pack_name, devices)
        runtime = RecordedRuntime(devices)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="doorward-bench-", dir=_disk_of(context.home))))
        cohort = cohort_of(pack.manifest)
        gallery = stack.enter_context(open_gallery(folder, pack.manifest.embedding_id, context.gallery, cohort=cohort))
        journal = stack.enter_context(open_journal(folder, JournalSettings(), open_event_clock()))
        rule = OpenSetRule(pack.manifest.calibration, context.judging.open_set)
        models = PackModels(pack, runtime, context.judging)
        devices.settle()
        _enrol(models, gallery, rule, subjects)
        doors = stack.enter_context(open_doors([DoorSettings(door_id=one.door_id) for one in settings]))
        cameras = stack.enter_context(Cameras(settings))
        room = _Room(models, runtime, gallery, rule, journal, doors, manner)
        gates = tuple(_open_gate(cameras[one.camera_id], one.door_id, room, stack) for one in settings)
        parts = open_gate_parts(models, gallery, rule, manner.policy, manner.loop).recognition
        yield CameraRig(models, parts, runtime, gates)


def watch_gates(rig: CameraRig, seconds: float) -> tuple[int, int]:
    """Lets the cameras run, first a moment that does not count.

    Args:
        rig: cameras and gates.
        seconds: that count.

    Returns:
        Frames the cameras gave meanwhile, and how many of them nobody took.

    Raises:
        NotReady: CAMERA_LOST, a camera gives no frames.
        Fault: INFERENCE_FAILED, a gate cannot judge them.
    """
    wait_for_frames(rig)
    time.sleep(_SETTLE_S)
    began_ns = time.monotonic_ns()
    for gate in rig.gates:
        gate.ear.counts_from_ns = began_ns
    frames, dropped = counted_frames(rig)
    time.sleep(seconds)
    frames_then, dropped_then = counted_frames(rig)
    ended_ns = time.monotonic_ns()
    for gate in rig.gates:
        gate.ear.counts_until_ns = ended_ns
    for gate in rig.gates:
        check_gate(gate)
        gate.loop.stop(_STOP_S)
    return frames_then - frames, dropped_then - dropped


def wait_for_frames(rig: CameraRig) -> None:
    """Waits for the first frame of every camera.

    Raises:
        NotReady: CAMERA_LOST, a camera gives no frames.
        Fault: INFERENCE_FAILED, a gate cannot judge them.
    """
    deadline_s = time.monotonic() + 10.0
    while any(gate.loop.frames < 1 for gate in rig.gates):
        for gate in rig.gates:
            check_gate(gate)
        if time.monotonic() > deadline_s:
            raise NotReady(ErrorReason.CAMERA_LOST, "a camera gave no frame within 10 s")
        time.sleep(0.02)


def check_gate(gate: MeasuredGate) -> None:
    """Makes sure that a gate works.

    Raises:
        NotReady: CAMERA_LOST.
        Fault: INFERENCE_FAILED.
    """
    status = gate.camera.status()
    if status.problem:
        raise NotReady(ErrorReason.CAMERA_LOST, status.problem, metadata={"camera_id": status.camera_id})
    if not gate.loop.is_healthy:
        raise Fault(ErrorReason.INFERENCE_FAILED, gate.loop.problem)


def counted_frames(rig: CameraRig) -> tuple[int, int]:
    """Frames all cameras gave so far, and how many of them nobody took."""
    statuses = [gate.camera.status() for gate in rig.gates]
    return sum(status.frames for status in statuses), sum(status.dropped_frames for status in statuses)


def _enrol(models: PackModels, gallery: Gallery, rule: OpenSetRule, subjects: int) -> None:
    recogniser = open_recogniser(models, gallery, rule)
    picture = decode_picture(demonstration_picture(), models.judging.picture)
    for _ in range(_WARM_UP):
        judgement = recogniser.sample(picture).judgement
    if judgement is None or judgement.embedding is None:
        raise Fault(ErrorReason.INFERENCE_FAILED, "the pack finds no face in its own demonstration picture")
    enrol_random(gallery, subjects, judgement.embedding.template)


def _open_gate(camera: CameraThread, door_id: str, room: _Room, stack: ExitStack) -> MeasuredGate:
    ear, manner = GateEar(counts_from_ns=sys.maxsize), room.manner
    parts = open_gate_parts(room.models, room.gallery, room.rule, manner.policy, manner.loop)
    identifier = NewcomerIdentifier(parts, room.runtime, ear) if manner.has_newcomers else TrackingIdentifier(parts)
    desk = EntryDesk(ListeningRecorder(room.journal, ear), room.doors, {door_id: manner.policy})
    hub = manner.make_hub(camera.camera_id)
    gate = GateParts(identifier=identifier, desk=desk, hub=hub, metrics=manner.metrics)
    loop = GateLoop(camera, door_id, gate, manner.loop)
    loop.start()
    stack.callback(loop.stop, _STOP_S)
    return MeasuredGate(camera, loop, ear)


def _disk_of(home: Path) -> Path | None:
    # The journal is measured on the disk it will be on: a temporary folder in memory would commit in no time.
    data = home / "data"
    return data if data.is_dir() else home if home.is_dir() else None
