"""When a device that fails is left alone, and when it is asked again."""

from collections import deque
from collections.abc import Callable

FAILURES_IN_A_ROW = 5
"""So many failures without a success between them, however far apart."""
FAILURES_A_MINUTE = 3
"""So many failures within WINDOW_S, whatever succeeds between them."""
WINDOW_S = 60.0
REST_S = 60.0
"""How long a device is left alone before it is asked again, seconds."""


class Breaker:
    """Counts the failures of one device. Not thread-safe: its user holds a lock.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._recent: deque[float] = deque(maxlen=FAILURES_A_MINUTE)
        self._in_a_row = 0
        self._opened_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the device is left alone."""
        return self._opened_s is not None

    @property
    def is_due(self) -> bool:
        """Whether a device that was left alone may be asked again."""
        return self._opened_s is not None and self._clock() - self._opened_s >= REST_S

    def succeed(self) -> None:
        """Notes an answer."""
        self._in_a_row = 0

    def fail(self) -> None:
        """Notes a failure; the one that is too many opens the breaker."""
        now_s = self._clock()
        self._in_a_row += 1
        self._recent.append(now_s)
        crowded = len(self._recent) == FAILURES_A_MINUTE and now_s - self._recent[0] <= WINDOW_S
        if crowded or self._in_a_row >= FAILURES_IN_A_ROW:
            self.open()

    def open(self) -> None:
        """Leaves the device alone from now on for REST_S."""
        self._opened_s = self._clock()

    def close(self) -> None:
        """Begins anew."""
        self._opened_s = None
        self._in_a_row = 0
        self._recent.clear()
