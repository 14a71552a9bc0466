"""Which of the two ways to the centre is taken: one stream, or calls where something between breaks streams."""

from dataclasses import dataclass
from enum import StrEnum

FAILURES = 2
"""Streams in a row that something between has to break before calls are tried."""
LONGEST_STAY_S = 86_400.0
"""A day: longest time for which calls are kept before a stream is tried again."""


class LineKind(StrEnum):
    """A way to the centre; the messages are the same."""

    STREAM = "stream"
    """Connect: one stream in both directions."""
    CALLS = "calls"
    """Push and Watch: a call for each message up, a stream of what comes down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEnd:
    """How an attempt ended."""

    was_greeted: bool
    """Whether the centre has greeted."""
    is_typical: bool
    """Whether it ended as streams end that something between does not let through: no greeting in time, or an error
    that no centre gives."""


class LineChoice:
    """Remembers how streams fared. One per uplink, in memory only.

    Args:
        stay_s: how long calls are kept at first; doubled with every stream that fails again.
    """

    def __init__(self, stay_s: float) -> None:
        self._first_stay_s = self._stay_s = stay_s
        self._failures = 0
        self._calls_since_s: float | None = None

    def kind(self, now_s: float) -> LineKind:
        """Which way to take now."""
        return LineKind.STREAM if self.left_s(now_s) <= 0.0 else LineKind.CALLS

    def left_s(self, now_s: float) -> float:
        """Seconds until a stream is to be tried again; 0 where it is now."""
        return 0.0 if self._calls_since_s is None else max(0.0, self._calls_since_s + self._stay_s - now_s)

    def ended(self, kind: LineKind, end: LineEnd, now_s: float) -> None:
        """An attempt has ended."""
        if kind is LineKind.CALLS:
            # Where calls do not get through either, it is not the stream.
            if not end.was_greeted:
                self._calls_since_s, self._failures = None, 0
        elif end.was_greeted:
            self._calls_since_s, self._failures, self._stay_s = None, 0, self._first_stay_s
        elif end.is_typical:
            self._stream_failed(now_s)

    def _stream_failed(self, now_s: float) -> None:
        if self._calls_since_s is not None:
            self._calls_since_s, self._stay_s = now_s, min(2 * self._stay_s, LONGEST_STAY_S)
            return
        self._failures += 1
        if self._failures >= FAILURES:
            self._calls_since_s = now_s
