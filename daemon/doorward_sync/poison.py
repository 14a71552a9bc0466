"""Finds the one event that a centre cannot take, so that the queue behind it goes on: bisection, with a brake."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from doorward_sync.event import Lane

STRIKES = 3
"""Streams that have to break right after the same batch before it is suspected; a refusal by type needs one."""
STRIKE_WINDOW_S = 30.0
"""A stream that breaks later than this after the batch was sent broke for another reason."""
BRAKE_COUNT = 3
"""Events set aside within BRAKE_WINDOW_S; after that a person has to look: the centre may refuse everything."""
BRAKE_WINDOW_S = 3600.0
"""One hour."""


class StreamEnd(StrEnum):
    """How the other end ended a stream."""

    BROKEN = "broken"
    """Without a reason: the connection, or the process."""
    REFUSED = "refused"
    """It could not make sense of what it was sent."""
    ORDERLY = "orderly"
    """On purpose, and not because of what it was sent: nothing is to blame."""


class Verdict(StrEnum):
    """What is to become of the first unacknowledged event of a lane."""

    SEND = "send"
    """Send it."""
    SET_ASIDE = "set_aside"
    """It was sent alone and ended the stream as often as it takes: put it into quarantine."""
    BRAKE = "brake"
    """It should be set aside, but too many were: keep it, try again, call a person."""


@dataclass(slots=True)
class _Suspect:
    """A range of which some event ends streams."""

    first: int
    last: int
    strikes: int = 0
    is_proven: bool = False
    is_condemned: bool = False

    @property
    def limit(self) -> int:
        count = self.last - self.first + 1
        return max(1, count // 2) if self.is_proven else count


class PoisonWatch:
    """What a device remembers of broken streams, across streams and in memory only. One per uplink."""

    def __init__(self) -> None:
        self._suspects: dict[Lane, _Suspect] = {}
        self._set_aside_s: deque[float] = deque(maxlen=BRAKE_COUNT)

    def limit(self, lane: Lane, most: int) -> int:
        """Events the next batch of a lane may have."""
        suspect = self._suspects.get(lane)
        return most if suspect is None else min(most, suspect.limit)

    def acknowledged(self, lane: Lane, through: int) -> None:
        """The centre has taken everything up to an event."""
        suspect = self._suspects.get(lane)
        if suspect is None or through < suspect.first:
            return
        if through >= suspect.last:
            del self._suspects[lane]
        else:
            suspect.first, suspect.strikes = through + 1, 0

    @property
    def is_suspicious(self) -> bool:
        """Whether something is suspected: then one batch at a time is sent, of all lanes, so that blame is certain."""
        return bool(self._suspects)

    def ended(self, lane: Lane, batch: tuple[int, int], end: StreamEnd, *, alone: bool) -> None:
        """A stream ended right after a batch that begins with the first unacknowledged event of its lane.

        Args:
            lane: the lane.
            batch: first and last sequence number of the batch.
            end: how it ended.
            alone: whether no other batch was under way; otherwise it is suspected, and not blamed.
        """
        if end is StreamEnd.ORDERLY:
            return
        first, last = batch
        suspect = self._suspects.get(lane)
        if suspect is None or suspect.first != first:
            suspect = self._suspects[lane] = _Suspect(first, last)
        if not alone:
            return
        suspect.strikes += STRIKES if end is StreamEnd.REFUSED else 1
        if suspect.strikes < STRIKES:
            return
        suspect.strikes = 0
        if first == last:
            suspect.is_condemned = True
        else:
            suspect.last, suspect.is_proven = last, True

    def verdict(self, lane: Lane, sent: int, now_s: float) -> tuple[Verdict, int]:
        """What is to become of the next event of a lane.

        Args:
            lane: the lane.
            sent: everything up to here was sent; what lies between it and a suspect is declared, not sent.
            now_s: monotonic seconds.

        Returns:
            The verdict and the event it is about; 0 where there is nothing to say.
        """
        suspect = self._suspects.get(lane)
        if suspect is None or suspect.first <= sent or not suspect.is_condemned:
            return Verdict.SEND, 0
        full = len(self._set_aside_s) == BRAKE_COUNT
        if full and now_s - self._set_aside_s[0] < BRAKE_WINDOW_S:
            return Verdict.BRAKE, suspect.first
        return Verdict.SET_ASIDE, suspect.first

    def was_set_aside(self, lane: Lane, now_s: float) -> None:
        """The suspect of a lane is in quarantine; its lane is trusted again."""
        self._suspects.pop(lane, None)
        self._set_aside_s.append(now_s)

    def forget(self) -> None:
        """Every lane has new numbers: a new epoch."""
        self._suspects.clear()
