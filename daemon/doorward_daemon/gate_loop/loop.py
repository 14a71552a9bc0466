"""One camera's gate: takes frames, judges them, takes decisions to the door, shows views."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from doorward_daemon.camera.slot import FrameSlot
from doorward_daemon.entry import Entry, EntryDesk, EntryRecord
from doorward_daemon.gate_loop.denied_budget import DeniedBudget
from doorward_daemon.gate_loop.frame_result import TrackDecision
from doorward_daemon.gate_loop.identifier import TrackingIdentifier
from doorward_daemon.gate_loop.metrics import GateMetrics, SilentMetrics
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.gate_loop.view_hub import ViewHub
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.frame import Frame

_LOG = logging.getLogger(__name__)
_WAIT_FOR_FRAME_S = 0.25
_WAIT_AFTER_FAILURE_S = 0.05
# A disk that hangs must not hold up a camera that runs: what is owed is tried once a second, for two frames' time.
_SETTLE_EVERY_NS = 1_000_000_000
_SETTLE_S = 0.066


class Camera(Protocol):
    """What the gate needs of a camera; a CameraThread is one."""

    @property
    def camera_id(self) -> str:
        """Its name."""

    @property
    def slot(self) -> FrameSlot:
        """Its newest frame."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GateParts:
    """What a gate works with."""

    identifier: TrackingIdentifier
    """Follows faces and decides; this gate's own."""
    desk: EntryDesk
    """Records decisions and opens doors; shared."""
    hub: ViewHub
    """Shows what is seen; this gate's own."""
    metrics: GateMetrics = field(default_factory=SilentMetrics)
    """Counts."""
    clock_ns: Callable[[], int] = time.monotonic_ns
    """Monotonic nanoseconds, the clock of capture times."""


class GateLoop:
    """A thread between one camera and one door. start() and stop() from one thread, the properties from any.

    Args:
        camera: gives the frames.
        door_id: the door it opens.
        parts: what it works with.
        settings: bounds on denials and failures.
    """

    def __init__(self, camera: Camera, door_id: str, parts: GateParts, settings: GateLoopSettings) -> None:
        self.camera_id = camera.camera_id
        self.door_id = door_id
        self._camera = camera
        self._parts = parts
        self._settings = settings
        self._budget = DeniedBudget(settings.max_denied_per_minute)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gate-{camera.camera_id}", daemon=True)
        self._progress = self._frames = self._failures = 0
        self._problem = ""
        self._settle_ns = 0

    @property
    def progress(self) -> int:
        """Rises several times a second while the loop runs, with or without frames; a watchdog looks at it."""
        return self._progress

    @property
    def frames(self) -> int:
        """Frames judged, and those in which there was nothing to judge."""
        return self._frames

    @property
    def is_healthy(self) -> bool:
        """Whether the last frames could be judged; a frame that can be makes it healthy again."""
        return self._failures < self._settings.max_failures

    @property
    def problem(self) -> str:
        """What went wrong with the last frame; empty where nothing did."""
        return self._problem

    @property
    def hub(self) -> ViewHub:
        """Its views."""
        return self._parts.hub

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Finishes the frame in hand and ends.

        Args:
            timeout_s: longest wait.

        Returns:
            Whether the thread has ended.
        """
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
                self._progress += 1
        finally:
            self._parts.hub.close()

    def _step(self) -> None:
        frame = self._camera.slot.take(_WAIT_FOR_FRAME_S)
        try:
            if frame is None:
                self._rest()
            else:
                self.process(frame)
        except Exception as error:  # noqa: BLE001 - a task boundary: one frame must not end the gate
            self._fail(error)
            return
        if frame is not None:
            self._failures, self._problem = 0, ""

    def process(self, frame: Frame) -> tuple[EntryRecord, ...]:
        """Takes one frame from end to end; what the thread does with each frame.

        Args:
            frame: the frame.

        Returns:
            What was recorded and opened with it; mostly nothing.
        """
        parts = self._parts
        decisions = parts.identifier.push(frame)
        # A decision goes to the disk and the door first; whoever counts or watches can wait for a moment.
        records = self._enter_all(decisions)
        self._count(frame)
        parts.hub.publish(parts.identifier.view(frame))
        self._settle()
        return records

    def _settle(self) -> None:
        desk, now_ns = self._parts.desk, self._parts.clock_ns()
        if desk.owed.count and now_ns >= self._settle_ns:
            self._settle_ns = now_ns + _SETTLE_EVERY_NS
            desk.settle(_SETTLE_S)

    def _rest(self) -> None:
        self._enter_all(self._parts.identifier.idle(self._parts.clock_ns()))
        self._settle()
        # A slot that is closed answers at once.
        self._stopping.wait(_WAIT_AFTER_FAILURE_S)

    def _enter_all(self, decisions: tuple[TrackDecision, ...]) -> tuple[EntryRecord, ...]:
        records = [self._enter(decision) for decision in decisions]
        return tuple(record for record in records if record is not None)

    def _enter(self, decision: TrackDecision) -> EntryRecord | None:
        found, parts = decision.identification, self._parts
        is_denied = found.outcome is not Outcome.MATCHED
        if is_denied and not self._budget.take(parts.clock_ns()):
            parts.metrics.count_unrecorded_denial(self.camera_id)
            return None
        record = parts.desk.enter(
            Entry(
                identification=found,
                door_id=self.door_id,
                camera_id=self.camera_id,
                captured_mono_ns=decision.captured_mono_ns,
                track_id=decision.track_id,
                unrecorded_before=self._budget.passed_over,
            )
        )
        self._budget.reset()
        latency_ms = (parts.clock_ns() - decision.captured_mono_ns) / 1e6
        self._conclude(decision, record, latency_ms)
        return record

    def _conclude(self, decision: TrackDecision, record: EntryRecord, latency_ms: float) -> None:
        access, metrics = record.access, self._parts.metrics
        outcome = access.outcome or decision.identification.outcome
        metrics.count_decision(self.camera_id, outcome.value, access.reason.value)
        metrics.observe_decision(self.camera_id, latency_ms)
        if record.door_opened:
            self._parts.identifier.let_in(decision.track_id)
        elif decision.identification.outcome is Outcome.MATCHED:
            self._parts.identifier.take_back(decision.track_id, outcome)

    def _count(self, frame: Frame) -> None:
        count, metrics = self._parts.identifier.count, self._parts.metrics
        self._frames += 1
        if count.is_searched:
            metrics.count_frame(frame.camera_id, count.faces)
        else:
            metrics.count_unsearched(frame.camera_id)
        metrics.set_dropped_frames(frame.camera_id, self._camera.slot.dropped_frames)
        metrics.count_tracks(frame.camera_id, count.started, count.ended, count.split)
        metrics.observe_stages((time.stage, time.duration_ms) for time in count.times)

    def _fail(self, error: Exception) -> None:
        self._failures += 1
        self._problem = str(error) or type(error).__name__
        self._parts.metrics.count_gate_failure(self.camera_id)
        _LOG.error("a frame could not be judged", exc_info=error, extra={"camera_id": self.camera_id})
        self._stopping.wait(_WAIT_AFTER_FAILURE_S)
