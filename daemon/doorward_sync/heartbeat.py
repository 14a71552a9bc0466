"""When to give a sign of life, and when the other end counts as gone."""

_INTERVALS_TO_SAY_SO = 2


class HeartbeatWatch:
    """Signs of life of one stream, by a monotonic clock."""

    __slots__ = ("_heard_s", "_interval_s", "_missed", "_said_s", "_storing_s")

    def __init__(self, interval_s: float, missed: int, now_s: float) -> None:
        self._interval_s = interval_s
        self._missed = missed
        self._heard_s = now_s
        self._said_s = now_s
        self._storing_s = now_s

    @property
    def silence_s(self) -> float:
        """Seconds of silence after which the other end counts as gone."""
        return self._interval_s * self._missed

    def heard(self, now_s: float, *, is_storing: bool = False) -> None:
        """Any message of the other end is a sign of life.

        Args:
            now_s: monotonic seconds.
            is_storing: whether it says that it is bringing to its disk what it was sent.
        """
        self._heard_s = now_s
        if is_storing:
            self._storing_s = now_s

    def is_late(self, sent_s: float | None, timeout_s: float, now_s: float) -> bool:
        """Whether an answer is late: counted from when it was asked for, or the other end last said it is at it.

        Args:
            sent_s: when it was asked for; None where it was not.
            timeout_s: how long it may take; never less than two intervals, in which the other end can say so.
            now_s: monotonic seconds.
        """
        if sent_s is None:
            return False
        return now_s - max(sent_s, self._storing_s) >= max(timeout_s, _INTERVALS_TO_SAY_SO * self._interval_s)

    def is_due(self, now_s: float) -> bool:
        """Whether to send a heartbeat now; counts it as sent."""
        if now_s - self._said_s < self._interval_s:
            return False
        self._said_s = now_s
        return True

    def is_gone(self, now_s: float) -> bool:
        """Whether the other end was silent for the agreed number of intervals."""
        return now_s - self._heard_s >= self.silence_s
