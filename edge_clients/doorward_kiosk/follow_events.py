"""Follows the record: the last decisions, newest first."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any, cast

from doorward_api.v1.event_pb2 import Event
from doorward_api.v1.event_service_pb2 import WatchEventsResponse
from doorward_client.aio import DoorwardClient
from doorward_client.errors import DoorwardError
from doorward_kiosk.backoff import Backoff
from doorward_kiosk.board import Board
from doorward_kiosk.documents import DECISIONS, event_document, problem_document
from doorward_kiosk.settings import KioskSettings

TOPIC = "decisions"
SHOWN_DECISIONS = 20
"""How many are kept."""


class EventFollower:
    """Keeps the topic `decisions`.

    Args:
        daemon: open.
        board: where they go.
        settings: how soon it comes back after a failure.
        noticed: called with every new event, e.g. to look at the doors at once.
    """

    def __init__(
        self, daemon: DoorwardClient, board: Board, settings: KioskSettings, noticed: Callable[[], None]
    ) -> None:
        self._daemon = daemon
        self._board = board
        self._backoff = Backoff(settings)
        self._pause_s = settings.retry_s
        self._noticed = noticed
        self._decisions: dict[tuple[str, int], dict[str, Any]] = {}

    async def run(self) -> None:
        """Follows until it is cancelled."""
        while True:
            try:
                await self._follow()
                await asyncio.sleep(self._pause_s)  # the daemon ended the stream: it stops
            except DoorwardError as error:
                self._publish(problem_document(error))
                await asyncio.sleep(self._backoff.wait_s(error))

    async def _follow(self) -> None:
        # The stream is open before the list is read: what falls between the two is in both, and never in neither.
        stream = self._daemon.watch_events(only_new=True, resume=False)  # the list tells what was missed
        async with aclosing(cast("AsyncGenerator[WatchEventsResponse]", stream)) as responses:
            listed = False
            async for response in responses:
                if not listed:
                    await self._list()
                    listed = True
                if response.HasField("event"):
                    self._add((response.event,))
                    self._publish(None)
                    self._noticed()

    async def _list(self) -> None:
        page = await self._daemon.list_events_page(newest=SHOWN_DECISIONS, kind="access")
        self._add(page.events)
        self._backoff.reset()
        self._publish(None)

    def _add(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.kind in DECISIONS:
                document = event_document(event)
                self._decisions[document["epoch"], event.seq] = document
        newest = sorted(self._decisions.items(), key=lambda item: (item[1]["time"], item[0][1]), reverse=True)
        self._decisions = dict(newest[:SHOWN_DECISIONS])

    def _publish(self, problem: dict[str, Any] | None) -> None:
        self._board.put(TOPIC, {"decisions": list(self._decisions.values()), "problem": problem})
