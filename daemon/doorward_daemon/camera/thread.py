"""One camera: a thread that reads its source, puts frames into a slot, and opens the source again when it is lost."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.backoff import Backoff
from doorward_daemon.camera.health import CameraHealth, CameraState
from doorward_daemon.camera.slot import FrameSlot
from doorward_daemon.camera.source import FrameSource, SourceLostError
from doorward_daemon.model.frame import Frame

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """How a camera is, and since it was opened."""

    camera_id: str
    """The camera."""
    state: CameraState
    """How it is now."""
    problem: str
    """What was seen when it was lost; empty while it streams."""
    frames: int
    """Frames it gave."""
    dropped_frames: int
    """Frames nobody took in time."""
    reconnects: int
    """Times it was opened again."""
    frames_per_s: float
    """Over the last seconds; 0 where it does not stream."""
    width_px: int
    """Of the last frame; 0 before the first."""
    height_px: int
    """Of the last frame; 0 before the first."""
    returns: int = 0
    """Times it came back after it was stalled, frozen or lost. Who looks now and then sees here what it missed."""
    last_problem: str = ""
    """What was seen when it was last lost; empty where it only fell silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLimits:
    """When a camera counts as stalled or frozen, and how it is opened again."""

    stall_s: float = 3.0
    """A live camera that gives no frame for so long is stalled."""
    freeze_s: float = 4.0
    """A live camera that gives identical frames for so long is frozen: a real sensor has noise."""
    backoff: Backoff = field(default_factory=lambda: Backoff(base_s=1.0, cap_s=30.0))
    """Waits between attempts to open it."""


class CameraThread:
    """Reads one source for as long as it is asked to. start() and stop() from one thread; the rest from any.

    Args:
        camera_id: its name.
        make_source: makes a source; called anew for every attempt.
        limits: when it is lost.
        seed: of the jitter.
    """

    def __init__(
        self, camera_id: str, make_source: Callable[[], FrameSource], limits: CameraLimits, seed: int = 0
    ) -> None:
        self.camera_id = camera_id
        self.slot = FrameSlot()
        self._make_source = make_source
        self._limits = limits
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera_id}", daemon=True)
        self._health = CameraHealth(limits.stall_s, limits.freeze_s)
        self._has_ended = False
        self._frames = self._attempts = self._reconnects = 0
        self._size_px = (0, 0)
        self._recent_mono_ns: list[int] = []

    @property
    def native_id(self) -> int | None:
        """What the system calls its thread; None before it runs."""
        return self._thread.native_id

    def start(self) -> None:
        """Begins to read; returns at once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Ends reading.

        Args:
            timeout_s: longest wait. A driver may hang in a read; its thread then dies with the process.

        Returns:
            Whether the thread has ended.
        """
        self._stopping.set()
        self.slot.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def status(self) -> CameraStatus:
        """How it is now; a read that hangs is seen from outside."""
        now_ns = time.monotonic_ns()
        recent = [at for at in self._recent_mono_ns if now_ns - at < 2_000_000_000]
        state = CameraState.ENDED if self._has_ended else self._health.state_at(now_ns)
        return CameraStatus(
            self.camera_id, state, self._health.problem, self._frames, self.slot.dropped_frames, self._reconnects,
            len(recent) / 2.0 if state is CameraState.STREAMING else 0.0, *self._size_px,
            self._health.returns, self._health.last_problem,
        )  # fmt: skip

    def _run(self) -> None:
        while not self._stopping.is_set():
            source = self._make_source()
            try:
                source.open()
                if not self._stream(source):
                    self._has_ended = True
                    return
            except SourceLostError as error:
                if self._health.lose(str(error)):
                    _LOG.warning("camera lost", extra={"camera_id": self.camera_id, "problem": str(error)})
            finally:
                source.close()
            self._stopping.wait(self._limits.backoff.wait_s(self._attempts, self._chance))
            self._attempts += 1
            self._reconnects += 1

    def _stream(self, source: FrameSource) -> bool:
        """Reads until the source ends (False) or reading is to stop (True)."""
        self._health.opened(time.monotonic_ns())
        while not self._stopping.is_set():
            bgr_hwc = source.read()
            if bgr_hwc is None:
                return False
            self._accept(bgr_hwc, is_live=source.is_live)
        return True

    def _accept(self, bgr_hwc: NDArray[np.uint8], *, is_live: bool) -> None:
        now_ns = time.monotonic_ns()
        self._frames += 1
        self._attempts = 0
        self._size_px = (int(bgr_hwc.shape[1]), int(bgr_hwc.shape[0]))
        self._recent_mono_ns = [*self._recent_mono_ns[-240:], now_ns]
        if is_live and self._health.is_frozen and not self._health.see(bgr_hwc, now_ns):
            return  # Opened anew and still the picture it froze with: nobody stands there, and nobody may be let in.
        self._health.gave_frame(now_ns)
        # First handed on, then looked at: who waits for the frame does not wait for the check of the camera.
        self.slot.put(Frame(self.camera_id, self._frames, bgr_hwc, now_ns, datetime.now(UTC)))
        if is_live:
            self._health.see(bgr_hwc, now_ns)
