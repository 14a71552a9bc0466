"""EventService over the journal."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import accumulate

from doorward_api.v1 import event_service_pb2 as pb
from doorward_api.v1 import event_service_pb2_grpc
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.event_cursor import EventCursor, read_cursor, read_event_page_token
from doorward_daemon.rpc.event_feed import EventFeed
from doorward_daemon.rpc.event_follower import EventFollower, Told
from doorward_daemon.rpc.event_reader import EventReader, Gap, is_of_kind
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.page_token import not_made_here
from doorward_daemon.rpc.ports import EventReads
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.wire_event import wire_event
from doorward_daemon.rpc.wire_time import wire_enum
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_sync.event import Event

_MOST_EVENTS = 500
_DEFAULT_EVENTS = 100
_MOST_PAYLOAD_BYTES = 4 * 1024 * 1024
"""Of one page: it has to pass through a message, whatever its events hold."""


class EventServicer(event_service_pb2_grpc.EventServiceServicer):
    """Hands out what was recorded.

    Args:
        journal: the record.
        records: line of the reads.
        settings: how long a stream is silent, and how much is kept for its reader.
    """

    def __init__(self, journal: EventReads, records: WorkQueue, settings: RpcSettings) -> None:
        self._journal = journal
        self._reader = EventReader(journal, records)
        self._heartbeat_s = settings.heartbeat_s
        self._most = settings.max_waiting_events

    async def ListEvents(self, request: pb.ListEventsRequest, context: Context) -> pb.ListEventsResponse:
        """Reads a page of events, or the newest ones."""
        checks = FieldChecks()
        page_size = checks.count("page_size", request.page_size, most=_MOST_EVENTS, default=_DEFAULT_EVENTS)
        newest = checks.count("newest", request.newest, most=_MOST_EVENTS, default=0)
        checks.event_kind("kind", request.kind)
        if newest and request.page_token:
            checks.add("newest", "expected 0 with a page_token; the newest events are one page")
        checks.refuse_if_wrong()
        if newest:
            events = _newest_that_fit(await self._reader.newest_events(newest, request.kind))
            return pb.ListEventsResponse(events=[wire_event(event) for event in events])
        events, token = await self._page(self._start_of(request.page_token), request.kind, page_size)
        return pb.ListEventsResponse(events=[wire_event(event) for event in events], next_page_token=token)

    async def WatchEvents(
        self, request: pb.WatchEventsRequest, context: Context
    ) -> AsyncIterator[pb.WatchEventsResponse]:
        """Follows the ledger for one reader."""
        checks = FieldChecks()
        checks.event_kind("kind", request.kind)
        if request.only_new and request.cursor:
            checks.add("only_new", "expected false with a cursor; what happened since it would be lost")
        checks.refuse_if_wrong()
        feed = EventFeed(self._most)
        unsubscribe = self._journal.subscribe(feed.put)
        try:
            start = self._place_of(request)
            follower = EventFollower(self._reader, feed, request.kind, self._heartbeat_s)
            async with aclosing(follower.follow(start)) as story:
                async for told in story:
                    yield _wire_told(told)
        finally:
            unsubscribe()

    def _place_of(self, request: pb.WatchEventsRequest) -> EventCursor:
        if request.only_new:
            return self._reader.newest()
        if not request.cursor:
            return self._reader.oldest()
        place = read_cursor(request.cursor)
        self._reader.check(place)
        return place

    def _start_of(self, token: str) -> EventCursor:
        if not token:
            return self._reader.oldest()
        place, newest = read_event_page_token(token), self._reader.newest()
        if place.epoch != newest.epoch or place.seq > newest.seq:
            raise not_made_here()
        return place

    async def _page(self, start: EventCursor, kind: str, size: int) -> tuple[list[Event], str]:
        found: list[Event] = []
        size_bytes = 0
        async with aclosing(self._reader.pages(start)) as pages:
            async for page in pages:
                for event in page.events:
                    if is_of_kind(event, kind):
                        size_bytes += len(event.payload or b"")
                        if len(found) == size or size_bytes > _MOST_PAYLOAD_BYTES:
                            return found, EventCursor(found[-1].key.epoch, found[-1].key.seq).encode()
                        found.append(event)
        return found, ""


def _newest_that_fit(events: list[Event]) -> list[Event]:
    sizes = accumulate(len(event.payload or b"") for event in reversed(events))
    fitting = sum(size <= _MOST_PAYLOAD_BYTES for size in sizes)
    return events[len(events) - fitting :]


def _wire_told(told: Told) -> pb.WatchEventsResponse:
    response = pb.WatchEventsResponse(cursor=told.cursor.encode())
    if told.content is None:
        response.heartbeat.last_seq = told.cursor.seq
    elif isinstance(told.content, Gap):
        response.gap.from_seq, response.gap.to_seq = told.content.from_seq, told.content.to_seq
        response.gap.reason = wire_enum(pb.EventGapReason.Value, "EVENT_GAP_REASON_", told.content.reason)
    else:
        response.event.CopyFrom(wire_event(told.content))
    return response
