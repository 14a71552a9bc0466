"""What one browser has not been sent yet: the newest document per topic, never a queue."""

import asyncio
from collections.abc import Mapping
from typing import Any


class Watcher:
    """A place in front of the board; a browser that reads slowly misses what was replaced meanwhile.

    Args:
        known: what the board holds now.
    """

    def __init__(self, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._pending: dict[str, Mapping[str, Any] | None] = dict(known)
        self._changed = asyncio.Event()
        self._changed.set()

    def put(self, topic: str, document: Mapping[str, Any] | None) -> None:
        """Notes that a topic changed."""
        self._pending[topic] = document
        self._changed.set()

    async def take(self, timeout_s: float) -> Mapping[str, Mapping[str, Any] | None]:
        """Waits for changes and takes them all; empty after the time has passed."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return {}
        self._changed.clear()
        taken, self._pending = self._pending, {}
        return taken
