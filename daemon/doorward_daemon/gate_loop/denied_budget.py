"""Bounds the denials that are recorded: a crowd at a gate must not fill the journal."""


class DeniedBudget:
    """So many per minute, saved up for at most a minute. Used by one thread.

    Args:
        per_minute: denials recorded per minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._left = float(per_minute)
        self._last_ns: int | None = None
        self._passed_over = 0

    @property
    def passed_over(self) -> int:
        """Denials since the last recorded one that were not recorded."""
        return self._passed_over

    def take(self, now_ns: int) -> bool:
        """Asks for one denial to be recorded.

        Args:
            now_ns: monotonic nanoseconds.

        Returns:
            Whether it may be; one that may not is counted.
        """
        elapsed_s = 0.0 if self._last_ns is None else max(0, now_ns - self._last_ns) / 1e9
        self._last_ns = now_ns
        self._left = min(float(self._per_minute), self._left + elapsed_s * self._per_minute / 60.0)
        if self._left < 1.0:
            self._passed_over += 1
            return False
        self._left -= 1.0
        return True

    def reset(self) -> None:
        """The number passed over was written down."""
        self._passed_over = 0
