"""The slot between a camera and who looks at it: the newest frame wins."""

import threading

from doorward_daemon.model.frame import Frame


class FrameSlot:
    """Holds at most one frame. Thread-safe.

    A queue of frames would make every decision as late as the queue is long; a gate wants the newest or none.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._dropped = 0
        self._closed = False

    @property
    def dropped_frames(self) -> int:
        """Frames that were replaced before anybody took them."""
        return self._dropped

    def put(self, frame: Frame) -> None:
        """Puts a frame in; one that was not taken is dropped and counted."""
        with self._changed:
            if self._frame is not None:
                self._dropped += 1
            self._frame = frame
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """Takes the newest frame out.

        Args:
            timeout_s: longest wait for one, seconds.

        Returns:
            The frame; None where none came in time or the slot is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._closed, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> None:
        """Wakes who waits; nothing more comes."""
        with self._changed:
            self._closed = True
            self._frame = None
            self._changed.notify_all()
