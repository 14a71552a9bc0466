"""The board: the newest document of every topic, and the browsers that look at it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from doorward_kiosk.watcher import Watcher

Document = Mapping[str, Any]
"""What `json.dumps` takes."""


class TooManyWatchersError(Exception):
    """All places in front of the board are taken."""


class Board:
    """Holds what is known now; one event loop only.

    Args:
        max_watchers: browsers that may look at once.
    """

    def __init__(self, max_watchers: int) -> None:
        self._max_watchers = max_watchers
        self._documents: dict[str, Document] = {}
        self._watchers: set[Watcher] = set()
        self.watched = asyncio.Event()
        """Set while at least one browser looks; pictures are asked for only then."""

    def put(self, topic: str, document: Document) -> None:
        """Replaces the document of a topic; an unchanged one is passed to nobody."""
        if self._documents.get(topic) == document:
            return
        self._documents[topic] = document
        for watcher in self._watchers:
            watcher.put(topic, document)

    def drop(self, topic: str) -> None:
        """Forgets a topic; browsers are given None."""
        if self._documents.pop(topic, None) is not None:
            for watcher in self._watchers:
                watcher.put(topic, None)

    def get(self, topic: str) -> Document | None:
        """The newest document of a topic."""
        return self._documents.get(topic)

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """Gives a browser everything that is known, then what changes.

        Raises:
            TooManyWatchersError: all places are taken.
        """
        if len(self._watchers) >= self._max_watchers:
            raise TooManyWatchersError
        watcher = Watcher(self._documents)
        self._watchers.add(watcher)
        self.watched.set()
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                self.watched.clear()
