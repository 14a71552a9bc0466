"""Hands views to watchers: each has one slot, the newest view wins, and nobody waits for a watcher."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.gate_loop.view import GateView


class ViewWatcher:
    """One watcher's slot. Thread-safe.

    Args:
        on_change: called when a view comes in, on the gate's thread; must be quick, e.g. wake an event loop.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._changed = threading.Condition()
        self._view: GateView | None = None
        self._skipped = 0
        self._closed = False

    @property
    def skipped(self) -> int:
        """Views that were replaced before they were taken."""
        return self._skipped

    def put(self, view: GateView) -> None:
        """Puts a view in; one that was not taken is skipped and counted."""
        with self._changed:
            if self._view is not None:
                self._skipped += 1
            self._view = view
            self._changed.notify()
        self._on_change()

    def take(self, timeout_s: float) -> GateView | None:
        """Takes the newest view out.

        Args:
            timeout_s: longest wait, seconds; 0 looks only.

        Returns:
            The view; None where none came in time or the gate was closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._view is not None or self._closed, timeout_s)
            view, self._view = self._view, None
            return view

    @property
    def is_closed(self) -> bool:
        """Whether the gate has stopped and nothing more comes."""
        return self._closed

    def close(self) -> None:
        """Wakes who waits; nothing more comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._on_change()


class ViewHub:
    """The views of one camera. Thread-safe.

    Args:
        camera_id: the camera.
        max_watchers: watchers at a time.
    """

    def __init__(self, camera_id: str, max_watchers: int) -> None:
        self.camera_id = camera_id
        self._max_watchers = max_watchers
        self._watchers: set[ViewWatcher] = set()
        self._lock = threading.Lock()
        self._latest: GateView | None = None
        self._closed = False

    @property
    def latest(self) -> GateView | None:
        """The newest view; None before the first."""
        return self._latest

    @property
    def watchers(self) -> int:
        """Watchers at the moment."""
        return len(self._watchers)

    def publish(self, view: GateView) -> None:
        """Shows a view to everybody who watches; never waits."""
        self._latest = view
        for watcher in self._all():
            watcher.put(view)

    @contextmanager
    def watch(self, on_change: Callable[[], None] = lambda: None) -> Iterator[ViewWatcher]:
        """Watches until the block ends.

        Args:
            on_change: as ViewWatcher.

        Raises:
            Overloaded: OVERLOADED, too many watch already.
        """
        watcher = ViewWatcher(on_change)
        self._admit(watcher)
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    def close(self) -> None:
        """Tells all watchers that nothing more comes."""
        with self._lock:
            self._closed = True
        for watcher in self._all():
            watcher.close()

    def _admit(self, watcher: ViewWatcher) -> None:
        with self._lock:
            if len(self._watchers) >= self._max_watchers:
                raise Overloaded(
                    ErrorReason.OVERLOADED,
                    f"{self._max_watchers} watch camera {self.camera_id} already; end one of them first",
                    metadata={"camera_id": self.camera_id},
                    retry_after_s=5.0,
                )
            self._watchers.add(watcher)
            if self._closed:
                watcher.close()

    def _all(self) -> list[ViewWatcher]:
        with self._lock:
            return list(self._watchers)
