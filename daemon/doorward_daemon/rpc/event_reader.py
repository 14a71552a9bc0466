"""Reads the record page by page on the threads of a line, and finds what is missing."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.rpc.event_cursor import EventCursor
from doorward_daemon.rpc.ports import EventReads
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_sync.event import Event, Lane

_PAGE_EVENTS = 200


class GapReason(StrEnum):
    """Why events cannot be handed out; equal to the wire contract's EventGapReason."""

    RETENTION = "RETENTION"
    NEW_EPOCH = "NEW_EPOCH"


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that cannot be handed out."""

    from_seq: int
    """First one."""
    to_seq: int
    """Last one; 0 where it is not known."""
    reason: GapReason
    """Why."""


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of the record."""

    cursor: EventCursor
    """The reader's place after it."""
    events: tuple[Event, ...] = ()
    """All events of the piece, in order."""
    gap: Gap | None = None
    """What is missing before them."""


class EventReader:
    """Reads the ledger.

    Args:
        journal: the record.
        records: line of the reads.
    """

    def __init__(self, journal: EventReads, records: WorkQueue) -> None:
        self._journal = journal
        self._records = records

    def newest(self) -> EventCursor:
        """Behind the newest event."""
        state = self._journal.lane_state(Lane.LEDGER)
        return EventCursor(state.epoch, state.last)

    def oldest(self) -> EventCursor:
        """Before the oldest event that is kept."""
        state = self._journal.lane_state(Lane.LEDGER)
        return EventCursor(state.epoch, state.first_retained - 1)

    def check(self, cursor: EventCursor) -> None:
        """Refuses a place that this journal never reached: another device's, or that of a disk restored since.

        Raises:
            InvalidInput: CURSOR_INVALID.
        """
        newest = self.newest()
        if cursor.epoch == newest.epoch and cursor.seq > newest.seq:
            raise InvalidInput(
                ErrorReason.CURSOR_INVALID,
                f"the cursor lies beyond the newest event ({newest.seq}); send nothing to begin with the oldest",
            )

    async def pages(self, start: EventCursor) -> AsyncGenerator[Page, None]:
        """The record from a place on, up to where it ends now; empty pages where nothing is there.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        place = start
        while True:
            page = await self._page(place)
            if page is None:
                return
            place = page.cursor
            yield page

    async def newest_events(self, count: int, kind: str) -> list[Event]:
        """The last events of a kind, oldest of them first; raises as `pages`."""
        state = self._journal.lane_state(Lane.LEDGER)
        found: list[Event] = []
        through = state.last
        while through >= state.first_retained and len(found) < count:
            after = max(state.first_retained - 1, through - _PAGE_EVENTS)
            read = await self._records.run(partial(self._journal.read, Lane.LEDGER, after, through - after))
            found = [event for event in read if is_of_kind(event, kind)] + found
            through = after
        return found[-count:]

    async def _page(self, place: EventCursor) -> Page | None:
        state = self._journal.lane_state(Lane.LEDGER)
        if state.epoch != place.epoch:
            return Page(EventCursor(state.epoch, 0), gap=Gap(place.seq + 1, 0, GapReason.NEW_EPOCH))
        if place.seq >= state.last:
            return None
        read = await self._records.run(lambda: self._journal.read(Lane.LEDGER, place.seq, _PAGE_EVENTS))
        if read and read[0].key.epoch != place.epoch:
            return Page(place)  # the journal was begun anew in this moment
        events = tuple(read)
        first = events[0].key.seq if events else self._journal.lane_state(Lane.LEDGER).first_retained
        gap = Gap(place.seq + 1, first - 1, GapReason.RETENTION) if first > place.seq + 1 else None
        if not events and gap is None:
            return None
        last = events[-1].key.seq if events else first - 1
        return Page(EventCursor(place.epoch, last), events, gap)


def is_of_kind(event: Event, kind: str) -> bool:
    """Whether an event's kind is this one, or begins with it and a dot; every event is of the empty kind."""
    return not kind or event.kind == kind or event.kind.startswith(f"{kind}.")
