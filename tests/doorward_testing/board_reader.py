"""Reads the page's stream as a browser does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class BoardReader:
    """What a browser knows.

    Args:
        answer: the open stream.
    """

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.topics: dict[str, Any] = {}
        """The newest document of every topic."""

    async def until(self, condition: Callable[[dict[str, Any]], object], limit_s: float = 15.0) -> dict[str, Any]:
        """Reads on until what is known is as wanted.

        Raises:
            TimeoutError: it did not become so; the message has what is known.
        """
        try:
            async with asyncio.timeout(limit_s):
                while not _holds(condition, self.topics):
                    await self._read_one()
        except TimeoutError as error:
            raise TimeoutError(f"known at the end: {json.dumps(self.topics)[:3000]}") from error
        return self.topics

    async def _read_one(self) -> None:
        line = await self._answer.content.readuntil(b"\n")
        if not line.startswith(b"data: "):
            return
        told = json.loads(line.removeprefix(b"data: "))
        if "topic" in told:
            self.topics[told["topic"]] = told["document"]


def _holds(condition: Callable[[dict[str, Any]], object], topics: dict[str, Any]) -> bool:
    try:
        return bool(condition(topics))
    except (KeyError, TypeError, IndexError):
        return False  # not told yet


@asynccontextmanager
async def read_board(url: str) -> AsyncIterator[BoardReader]:
    """Opens the stream of a page."""
    async with (
        aiohttp.ClientSession(read_bufsize=4 * 1024 * 1024, timeout=aiohttp.ClientTimeout(total=None)) as session,
        session.get(f"{url}/board") as answer,
    ):
        assert answer.status == 200, await answer.text()
        yield BoardReader(answer)
