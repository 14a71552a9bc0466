"""The newest view for one watcher: filled on the thread that judges, emptied on the event loop."""

import asyncio
import threading
import time
from contextlib import suppress

from doorward_daemon.model.camera_view import CameraView


class NewestView:
    """Holds one view; made on the event loop.

    Args:
        interval_s: shortest time between two views that are taken, seconds.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._view: CameraView | None = None
        self._due_s = 0.0
        self._skipped = 0
        self._filled = asyncio.Event()

    @property
    def skipped(self) -> int:
        """Views that gave way to newer ones although the watcher's own rate would have let it have them."""
        return self._skipped

    def put(self, view: CameraView) -> None:
        """Takes a view on any thread; never waits."""
        with self._lock:
            self._skipped += self._view is not None and time.monotonic() >= self._due_s
            self._view = view
        with suppress(RuntimeError):  # the loop may be closed while a camera still runs
            self._loop.call_soon_threadsafe(self._filled.set)

    async def take(self, timeout_s: float) -> CameraView | None:
        """The newest view, once it is due; None where none came in time."""
        await asyncio.sleep(max(0.0, self._due_s - time.monotonic()))
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._filled.wait()
        self._filled.clear()
        with self._lock:
            view, self._view = self._view, None
            self._due_s = time.monotonic() + self._interval_s
        return view
