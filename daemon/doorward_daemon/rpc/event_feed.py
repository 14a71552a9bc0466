"""What happened since a reader of the record came: filled on the journal's thread, emptied on the event loop."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from doorward_sync.event import Event, Lane


class EventFeed:
    """Holds a bounded number of events of the ledger for one reader; made on the event loop.

    Args:
        most: events held at most; one more, and none is held any longer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._overflowed = False
        self._filled = asyncio.Event()

    def put(self, events: Sequence[Event]) -> None:
        """Takes events, in order, on any thread; never waits."""
        ledger = [event for event in events if event.key.lane is Lane.LEDGER]
        if not ledger:
            return
        with self._lock:
            self._overflowed = self._overflowed or len(self._events) + len(ledger) > self._most
            if self._overflowed:
                self._events.clear()
            else:
                self._events.extend(ledger)
        with suppress(RuntimeError):  # the loop may be closed while the journal still writes
            self._loop.call_soon_threadsafe(self._filled.set)

    async def wait(self, timeout_s: float) -> bool:
        """Waits until there is something to take; False where nothing came in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._filled.wait()
        return self._filled.is_set()

    def take(self) -> tuple[Event, ...] | None:
        """Everything that is held, in order; None once where more came than could be held: it must be read instead."""
        self._filled.clear()
        with self._lock:
            taken = None if self._overflowed else tuple(self._events)
            self._events.clear()
            self._overflowed = False
        return taken
