"""Notices an inference that hangs on the CPU, where nothing can stand in."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CpuWatch:
    """Knows since when each thread is inside an inference. Thread-safe.

    Args:
        deadline_s: longest inference, seconds.
        clock: monotonic seconds.
    """

    def __init__(self, deadline_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._deadline_s = deadline_s
        self._clock = clock
        self._since_s: dict[int, float] = {}

    @property
    def hangs_for_s(self) -> float | None:
        """How long the slowest inference has run, where that is longer than any may; else None."""
        begun = min(self._since_s.copy().values(), default=None)
        if begun is None or self._clock() - begun <= self._deadline_s:
            return None
        return self._clock() - begun

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watches what is inside, on this thread."""
        thread = threading.get_ident()
        self._since_s[thread] = self._clock()
        try:
            yield
        finally:
            self._since_s.pop(thread, None)
