"""Readings of the journal, cut into pieces short enough for decisions to be written between them."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.lane_state import LaneState
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import Event, EventKey, Lane

_SPAN = 1000
"""Rows looked at in one piece; some milliseconds."""
Answer = TypeVar("Answer")


class OnWriter(Protocol):
    """Does something on the writer's thread and returns its answer."""

    def __call__(self, work: Callable[[], Answer]) -> Answer:
        """Waits for the answer of `work`."""


def read_lane(on_writer: OnWriter, book: JournalBook, start: tuple[Lane, int], limit: int, kind: str) -> list[Event]:
    """Events of a lane of this epoch, ascending.

    Args:
        on_writer: where to read.
        book: what to read.
        start: the lane and the seq after which to begin.
        limit: at most so many.
        kind: only these; empty = all.
    """
    lane, after = start
    found: list[Event] = []
    last = book.lanes[lane].last
    after = max(after, book.lanes[lane].first_retained - 1)
    while after < last and len(found) < limit:
        through = min(last, after + (_SPAN if kind else limit - len(found)))
        found += _of_kind(on_writer(_lane_piece(book, lane, after, through)), kind)
        after = through
    return found[:limit]


def newest_events(on_writer: OnWriter, book: JournalBook, limit: int, kind: str) -> list[Event]:
    """The last events of all epochs and lanes, newest first.

    Args:
        on_writer: where to read.
        book: what to read.
        limit: at most so many.
        kind: only these; empty = all.
    """
    found: list[Event] = []
    through = on_writer(book.events.last_position)
    while through > 0 and len(found) < limit:
        after = max(0, through - (_SPAN if kind else limit - len(found)))
        found += _of_kind(on_writer(_position_piece(book, after, through)), kind)
        through = after
    return found[:limit]


def newest_waiting(on_writer: OnWriter, book: JournalBook, kinds: Collection[str], limit: int) -> list[Event]:
    """The last events of some kinds that the centre has not acknowledged and is to get, oldest first.

    Args:
        on_writer: where to read.
        book: what to read.
        kinds: which kinds.
        limit: at most so many of each lane.
    """
    waiting: list[Event] = []
    for lane in Lane:
        found: list[Event] = []
        through, acked = book.lanes[lane].last, book.lanes[lane].acked
        while through > acked and len(found) < limit:
            after = max(acked, through - _SPAN)
            aside = book.quarantined[lane]
            piece = on_writer(_kinds_piece(book, lane, kinds, (after, through)))
            found += [event for event in piece if event.key.seq not in aside]
            through = after
        waiting += reversed(found[:limit])
    return waiting


def first_broken_event(on_writer: OnWriter, book: JournalBook) -> EventKey | None:
    """Checks every event of the ledger against its payload and the one before it.

    Where the first events are gone, the oldest one that is here is taken for what it says of those before it.

    Args:
        on_writer: where to read.
        book: what to check.

    Returns:
        The first event that does not fit, None where all do.
    """
    while True:
        # The lane says which epoch it is of: the book's own may be the next one already.
        state = book.lanes[Lane.LEDGER]
        broken = _first_broken_of(on_writer, book, state)
        now = book.lanes[Lane.LEDGER]
        if broken is None or (now.epoch, now.first_retained) == (state.epoch, state.first_retained):
            return broken
        # A new epoch was opened, or events were let go, while it read: it has seen something of both.


def _first_broken_of(on_writer: OnWriter, book: JournalBook, state: LaneState) -> EventKey | None:
    after = state.first_retained - 1
    before = genesis(state.epoch, Lane.LEDGER) if after == 0 else None
    while after < state.last:
        events = on_writer(_lane_piece(book, Lane.LEDGER, after, min(state.last, after + _SPAN)))
        if [event.key.seq for event in events] != list(range(after + 1, min(state.last, after + _SPAN) + 1)):
            return EventKey(state.epoch, Lane.LEDGER, after + 1)
        head = events.pop(0).chain_hash if before is None else before
        if (broken := first_broken(events, head)) is not None:
            return broken
        before = events[-1].chain_hash if events else head
        after = min(state.last, after + _SPAN)
    return None


def _lane_piece(book: JournalBook, lane: Lane, after: int, through: int) -> Callable[[], list[Event]]:
    return lambda: book.events.after(lane, after, through, through - after)


def _position_piece(book: JournalBook, after: int, through: int) -> Callable[[], list[Event]]:
    return lambda: book.events.between_positions(after, through)


def _kinds_piece(
    book: JournalBook, lane: Lane, kinds: Collection[str], span: tuple[int, int]
) -> Callable[[], list[Event]]:
    return lambda: book.events.newest_of(lane, kinds, *span)


def _of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    return [event for event in events if not kind or event.kind == kind]
