"""What a camera's frames, and their absence, say about it."""

import hashlib
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.source import SourceLostError


class CameraState(StrEnum):
    """How a camera is."""

    CONNECTING = "CONNECTING"
    STREAMING = "STREAMING"
    STALLED = "STALLED"
    FROZEN = "FROZEN"
    LOST = "LOST"
    ENDED = "ENDED"


class CameraHealth:
    """Counts what was seen of one camera. Written by the camera's thread, read by any.

    A camera streams from its first frame on, not from the moment its address answers; one that froze streams again
    with the first picture that differs.

    Args:
        stall_s: a camera that gives no frame for so long is stalled, seconds.
        freeze_s: a camera that gives identical frames for so long is frozen, seconds: a real sensor has noise.
    """

    def __init__(self, stall_s: float, freeze_s: float) -> None:
        self._stall_ns, self._freeze_ns = int(stall_s * 1e9), int(freeze_s * 1e9)
        self._freeze_s = freeze_s
        self._state = CameraState.CONNECTING
        self._problem = self._last_problem = ""
        self._returns = 0
        self._frame_mono_ns: int | None = None
        self._changed_mono_ns = 0
        self._digest = b""

    @property
    def problem(self) -> str:
        """What was seen when it was lost; empty while it streams."""
        return self._problem

    @property
    def last_problem(self) -> str:
        """What was seen when it was last lost; empty where it only fell silent."""
        return self._last_problem

    @property
    def returns(self) -> int:
        """Times it came back after it was stalled, frozen or lost."""
        return self._returns

    @property
    def is_frozen(self) -> bool:
        """Whether it froze and has shown nothing new since."""
        return self._state is CameraState.FROZEN

    def state_at(self, now_ns: int) -> CameraState:
        """How it is at a moment of the monotonic clock; a read that hangs is seen here."""
        return CameraState.STALLED if self._is_silent(now_ns) else self._state

    def opened(self, now_ns: int) -> None:
        """Its source is open; nothing has been seen yet."""
        self._changed_mono_ns = now_ns

    def gave_frame(self, now_ns: int) -> None:
        """It gave a frame that may be judged."""
        if self._state is CameraState.STREAMING:
            if self._is_silent(now_ns):
                self._last_problem = ""
                self._returns += 1
        elif self._state is not CameraState.CONNECTING:
            self._returns += 1
        self._frame_mono_ns = now_ns
        self._state, self._problem = CameraState.STREAMING, ""

    def see(self, bgr_hwc: NDArray[np.uint8], now_ns: int) -> bool:
        """Compares a frame with the one before.

        Args:
            bgr_hwc: the frame, uint8 [height, width, 3].
            now_ns: when it came, monotonic.

        Returns:
            Whether it differs.

        Raises:
            SourceLostError: nothing has changed for too long; it is frozen.
        """
        # Every 16th row: the noise of a sensor shows in any of them, and a gate judges meanwhile.
        digest = hashlib.blake2b(np.ascontiguousarray(bgr_hwc[::16]).data, digest_size=16).digest()
        if digest != self._digest:
            self._digest, self._changed_mono_ns = digest, now_ns
            return True
        if now_ns - self._changed_mono_ns > self._freeze_ns:
            self._state = CameraState.FROZEN
            raise SourceLostError(f"the picture has not changed for {self._freeze_s} s: the camera is frozen")
        return False

    def lose(self, problem: str) -> bool:
        """It cannot be read any more; gives whether that is news."""
        is_news = problem != self._problem
        self._problem = self._last_problem = problem
        if self._state is not CameraState.FROZEN:
            self._state = CameraState.LOST
        return is_news

    def _is_silent(self, now_ns: int) -> bool:
        if self._state is not CameraState.STREAMING or self._frame_mono_ns is None:
            return False
        return now_ns - self._frame_mono_ns > self._stall_ns
