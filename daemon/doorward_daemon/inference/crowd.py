"""Whether several callers want inferences at the same time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_REMEMBERED_S = 0.1
"""Callers of a pipeline meet in some of its networks and pass each other in the rest: so long after they met, they are
still counted as several."""
_MEETINGS = 20
"""So many meetings are no accident: from then on it pays to be prepared."""


class Crowd:
    """Counts the inferences under way. Thread-safe.

    Args:
        prepare: called once, on the thread of a caller, when callers have met often; has to be quick.
        clock: monotonic seconds.
    """

    def __init__(self, prepare: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._prepare = prepare
        self._clock = clock
        self._lock = threading.Lock()
        self._under_way = 0
        self._meetings = 0
        self._until_s = 0.0

    @contextmanager
    def joined(self) -> Iterator[bool]:
        """One inference; gives whether it shares the processor with others."""
        is_shared, is_time = self._enter()
        try:
            if is_time:
                self._prepare()
            yield is_shared
        finally:
            with self._lock:
                self._under_way -= 1

    def _enter(self) -> tuple[bool, bool]:
        now_s = self._clock()
        with self._lock:
            meets = self._under_way > 0
            self._under_way += 1
            if meets:
                self._until_s = now_s + _REMEMBERED_S
                self._meetings += 1
            return now_s < self._until_s, meets and self._meetings == _MEETINGS
