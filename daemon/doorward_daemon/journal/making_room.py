"""What may be deleted from a journal, in which order, and what is written down about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, stamp
from doorward_sync.event import ClockState, Event, Lane

MOST_AT_ONCE = 500
"""Rows deleted in one transaction: a large deletion needs the room that is missing."""
_PRESSURE = 0.8
"""Filled part from which acknowledged events go before their time."""
_EVICTION = 0.9
"""Filled part from which unacknowledged events of lane BULK go."""
_FOREVER_US = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What stays, by class: the ledger until it is acknowledged and its window is over, BULK within its budget."""

    keep_us: Mapping[Lane, int]
    """How long events stay after their acknowledgement, microseconds, by lane."""
    bulk_max_bytes: int
    """Payloads of lane BULK that may wait."""
    most_aside: int
    """Copies in quarantine."""


class MakingRoom:
    """Deletes step by step: acknowledged events past their window, BULK beyond its budget, then, where room is short,
    acknowledged ones, then BULK with a hole.

    Unacknowledged events of the ledger are never deleted.

    Args:
        book: the journal.
        clock: says how old an event is.
        retention: what stays.
    """

    def __init__(self, book: JournalBook, clock: EventClock, retention: Retention) -> None:
        self._book = book
        self._clock = clock
        self._retention = retention
        self.evicted = 0
        """Unacknowledged events of lane BULK deleted so far."""
        self.holes: list[Event] = []
        """Hole events written and not yet taken by `take_holes`."""

    def step(self) -> int:
        """Deletes at most MOST_AT_ONCE events in one transaction; returns how many, 0 where nothing more may go.

        Raises:
            Overloaded: STORAGE_FULL, not even a deletion can be written.
            Fault: STORAGE_FAILED.
        """
        self._book.drop_aside(self._retention.most_aside)
        return self._delete_old() or self.relieve(eviction=_EVICTION)

    def relieve(self, eviction: float = _PRESSURE) -> int:
        """Deletes at most MOST_AT_ONCE events where BULK is beyond its budget or room is short, whatever their age.

        Args:
            eviction: filled part from which unacknowledged events of lane BULK may go.

        Returns:
            How many.
        """
        if self._book.lanes[Lane.BULK].unacknowledged_bytes > self._retention.bulk_max_bytes:
            return self._delete_acknowledged(Lane.BULK, _FOREVER_US) or self._evict()
        used = self._book.used_share()
        if used <= _PRESSURE:
            return 0
        deleted = self._delete_before(dict.fromkeys(Lane, _FOREVER_US))
        return deleted if deleted or used <= eviction else self._evict()

    def take_holes(self) -> list[Event]:
        """The hole events since the last call, for those who follow the journal."""
        taken, self.holes = self.holes, []
        return taken

    def _delete_old(self) -> int:
        now = self._clock.now()
        if now.clock_state is ClockState.UNSET:
            return 0
        return self._delete_before({lane: now.wall_time_us - self._retention.keep_us[lane] for lane in Lane})

    def _delete_before(self, before_us: Mapping[Lane, int]) -> int:
        with self._book.changing(growing=False):
            deleted = self._book.events.delete_of_other_epochs(before_us[Lane.LEDGER], MOST_AT_ONCE)
        for lane in Lane:
            deleted = deleted or self._delete_acknowledged(lane, before_us[lane])
        return deleted

    def _delete_acknowledged(self, lane: Lane, before_us: int) -> int:
        state = self._book.lanes[lane]
        if state.first_retained > state.acked:
            return 0
        if before_us == _FOREVER_US:
            through = min(state.acked, state.first_retained + MOST_AT_ONCE - 1)
        else:
            through = self._book.events.last_older_than(lane, state.acked, before_us, MOST_AT_ONCE)
        if through < state.first_retained:
            return 0
        with self._book.changing(growing=False) as lanes:
            lanes[lane] = replace(state, first_retained=through + 1)
            return self._book.events.delete_through(lane, through)

    def _evict(self) -> int:
        state = self._book.lanes[Lane.BULK]
        through = min(state.last, state.first_retained + MOST_AT_ONCE - 1)
        if through < state.first_retained:
            return 0
        written: list[Event] = []
        hole = hole_draft(Lane.BULK, state.first_retained, through, "evicted")
        with self._book.changing(growing=False) as lanes:
            freed_bytes = self._book.events.payload_bytes(Lane.BULK, state.acked, through)
            count = self._book.events.delete_through(Lane.BULK, through)
            left = self._book.events.after(Lane.BULK, through, state.last, 1)
            self._book.put(lanes, stamp(hole, self._clock), written)
            lanes[Lane.BULK] = replace(
                state,
                first_retained=through + 1,
                oldest_unacknowledged=left[0].time if left else None,
                unacknowledged_bytes=state.unacknowledged_bytes - freed_bytes,
            )
        self.holes += written
        self.evicted += count
        return count


def hole_draft(lane: Lane, from_seq: int, to_seq: int, reason: str) -> EventDraft:
    """The ledger event that declares events which are gone without having been taken over.

    Args:
        lane: where.
        from_seq: the first one missing.
        to_seq: the last one missing.
        reason: why: `evicted`, `purged_after_ack`.
    """
    payload = {
        "lane": lane.name,
        "from_seq": from_seq,
        "to_seq": to_seq,
        "count": to_seq - from_seq + 1,
        "reason": reason,
    }
    return EventDraft("journal.hole", payload)
