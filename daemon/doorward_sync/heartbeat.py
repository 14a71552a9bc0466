"""When to give a sign of life, and when the other end counts as gone."""


class HeartbeatWatch:
    """Signs of life of one stream, by a monotonic clock."""

    __slots__ = ("_heard_s", "_interval_s", "_missed", "_said_s")

    def __init__(self, interval_s: float, missed: int, now_s: float) -> None:
        self._interval_s = interval_s
        self._missed = missed
        self._heard_s = now_s
        self._said_s = now_s

    @property
    def silence_s(self) -> float:
        """Seconds of silence after which the other end counts as gone."""
        return self._interval_s * self._missed

    def heard(self, now_s: float) -> None:
        """Any message of the other end is a sign of life."""
        self._heard_s = now_s

    def is_due(self, now_s: float) -> bool:
        """Whether to send a heartbeat now; counts it as sent."""
        if now_s - self._said_s < self._interval_s:
            return False
        self._said_s = now_s
        return True

    def is_gone(self, now_s: float) -> bool:
        """Whether the other end was silent for the agreed number of intervals."""
        return now_s - self._heard_s >= self.silence_s
