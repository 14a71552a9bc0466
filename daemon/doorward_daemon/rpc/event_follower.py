"""One reader of the record: history first, then what happens, without a gap and without a double at the seam."""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from doorward_daemon.rpc.event_cursor import EventCursor
from doorward_daemon.rpc.event_feed import EventFeed
from doorward_daemon.rpc.event_reader import EventReader, Gap, is_of_kind
from doorward_sync.event import Event


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader is told next."""

    cursor: EventCursor
    """Its place after this."""
    content: Event | Gap | None
    """An event, a gap, or nothing: a sign of life."""


class EventFollower:
    """Follows the ledger for one reader, who has subscribed its feed before the first word.

    Args:
        reader: reads history.
        feed: what happens meanwhile.
        kind: only kinds that are this or begin with this and a dot; empty = all.
        heartbeat_s: longest silence, seconds.
    """

    def __init__(self, reader: EventReader, feed: EventFeed, kind: str, heartbeat_s: float) -> None:
        self._reader = reader
        self._feed = feed
        self._kind = kind
        self._heartbeat_s = heartbeat_s
        self._spoke_s = time.monotonic()

    async def follow(self, start: EventCursor) -> AsyncGenerator[Told, None]:
        """Tells everything from a place on, for ever.

        Raises:
            Overloaded: OVERLOADED, no thread was free to read.
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        place = start
        while True:
            async for told in self._history(place):
                place = told.cursor
                yield told
            async for told in self._live(place):
                place = told.cursor
                yield told

    async def _history(self, place: EventCursor) -> AsyncGenerator[Told, None]:
        async for page in self._reader.pages(place):
            if page.gap is not None:
                before = page.events[0].key.seq - 1 if page.events else page.cursor.seq
                yield self._say(EventCursor(page.cursor.epoch, before), page.gap)
            for event in page.events:
                if is_of_kind(event, self._kind):
                    yield self._say(EventCursor(event.key.epoch, event.key.seq), event)
            place = page.cursor
            if self._silence_left_s() <= 0.0:
                yield self._say(place, None)
        # The reader knows everything now, and a place to come back to where nothing was of its kind.
        yield self._say(place, None)

    async def _live(self, place: EventCursor) -> AsyncGenerator[Told, None]:
        """Until the feed does not follow on what is known."""
        while True:
            arrived = await self._feed.wait(self._silence_left_s())
            events = self._feed.take() if arrived else ()
            if events is None:
                return  # more than is held for a reader: it is told from the disk
            following, whole = _following(place, events)
            for event in following:
                place = EventCursor(event.key.epoch, event.key.seq)
                if is_of_kind(event, self._kind):
                    yield self._say(place, event)
            if not whole:
                return
            if self._silence_left_s() <= 0.0:  # nothing comes, or only other kinds
                yield self._say(place, None)

    def _silence_left_s(self) -> float:
        return max(0.0, self._heartbeat_s - (time.monotonic() - self._spoke_s))

    def _say(self, place: EventCursor, content: Event | Gap | None) -> Told:
        self._spoke_s = time.monotonic()
        return Told(place, content)


def _following(place: EventCursor, events: Sequence[Event]) -> tuple[list[Event], bool]:
    """Those that follow a place without a gap, without those known already; and whether that is all there are."""
    following: list[Event] = []
    seq = place.seq
    for event in events:
        if event.key.epoch == place.epoch and event.key.seq <= seq:
            continue
        if event.key.epoch != place.epoch or event.key.seq != seq + 1:
            return following, False
        following.append(event)
        seq = event.key.seq
    return following, True
