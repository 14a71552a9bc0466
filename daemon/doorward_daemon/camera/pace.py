"""The pace of sources that have no clock of their own: files, folders, the demonstration."""

import time
from collections.abc import Callable


class Pace:
    """Waits so that ticks come at a steady rate; one that came late does not make the next ones hurry.

    Args:
        frames_per_s: ticks per second, above 0.
        clock: monotonic seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        frames_per_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_s = 1.0 / frames_per_s
        self._clock = clock
        self._sleep = sleep
        self._next_s: float | None = None

    def wait(self) -> None:
        """Returns when the next tick is due; the first one is due at once."""
        now_s = self._clock()
        if self._next_s is None:
            self._next_s = now_s
        if self._next_s > now_s:
            self._sleep(self._next_s - now_s)
        # After a stall the old schedule is given up: catching up would deliver old pictures in a burst.
        self._next_s = max(self._next_s, now_s - self._interval_s) + self._interval_s
