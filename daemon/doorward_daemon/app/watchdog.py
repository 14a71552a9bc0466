"""The watchdog: says that the daemon is alive only while everything vital has moved."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VitalSign:
    """One loop that must not stand still."""

    progress: Callable[[], int]
    """A number that changes whenever the loop has moved; quick, thread-safe, never fails."""
    longest_pause_s: float
    """How long it may stand still, seconds."""
    may_rest: Callable[[], bool] = lambda: False
    """Whether it has nothing to do now and may stand still."""


class Watchdog:
    """Watches vital signs on a thread that touches neither disk nor network itself.

    Args:
        signs: by name.
        report: is told the names of those that stand still, or nothing while all move; every `interval_s`.
        interval_s: how often it looks.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        signs: Mapping[str, VitalSign],
        report: Callable[[tuple[str, ...]], None],
        interval_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signs = dict(signs)
        self._report = report
        self._interval_s = interval_s
        self._clock = clock
        self._seen = {name: (sign.progress(), clock()) for name, sign in self._signs.items()}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Ends watching."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def stalled(self) -> tuple[str, ...]:
        """Names of those that have stood still for too long."""
        now_s = self._clock()
        found = []
        for name, sign in self._signs.items():
            progress, moved_s = sign.progress(), self._seen[name][1]
            if progress != self._seen[name][0] or sign.may_rest():
                self._seen[name] = (progress, now_s)
            elif now_s - moved_s > sign.longest_pause_s:
                found.append(name)
        return tuple(found)

    def _run(self) -> None:
        while not self._stopping.wait(self._interval_s):
            stalled = self.stalled()
            if stalled:
                _LOG.error("stands still", extra={"loops": list(stalled)})
            self._report(stalled)
