"""Where streams stay: a bounded number, none behind a reader that does not read, none when the daemon stops."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc

from doorward_daemon.errors import ErrorReason, NotReady, Overloaded

_RETRY_AFTER_S = 0.5


class StreamPlaces:
    """The streams of one listener; belongs to one event loop.

    Args:
        most: streams at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def place(self, remaining_s: float | None = None) -> Iterator[None]:
        """Holds a place while the body runs.

        Args:
            remaining_s: time the caller has left; a stream ends with it, and is no answer that could come too late.

        Raises:
            Overloaded: OVERLOADED, all places are taken.
        """
        del remaining_s
        if self._taken >= self._most:
            raise Overloaded(
                ErrorReason.OVERLOADED,
                f"{self._taken} streams are open on this listener, which is all that are taken on; end some of them",
                metadata={"work": "stream"},
                retry_after_s=_RETRY_AFTER_S,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class StreamStay:
    """One stream.

    Args:
        write_timeout_s: longest wait for its reader, seconds.
    """

    def __init__(self, write_timeout_s: float) -> None:
        self._write_timeout_s = write_timeout_s

    async def write(self, context: "grpc.aio.ServicerContext[Any, Any]", response: object) -> None:
        """Hands a response to the connection, which takes it as fast as the reader reads.

        Raises:
            Overloaded: SLOW_READER, it was not taken in time.
        """
        limit = asyncio.timeout(self._write_timeout_s)
        try:
            async with limit:
                await context.write(response)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Overloaded(
                ErrorReason.SLOW_READER,
                f"nothing was read for {self._write_timeout_s:g} s; watch again, from the last cursor",
                retry_after_s=_RETRY_AFTER_S,
            ) from error


class StreamHall:
    """All streams of all listeners; belongs to one event loop.

    Args:
        write_timeout_s: longest wait for a reader, seconds.
    """

    def __init__(self, write_timeout_s: float) -> None:
        self._write_timeout_s = write_timeout_s
        self._limits: set[asyncio.Timeout] = set()
        self._closed = False

    @asynccontextmanager
    async def stay(self) -> AsyncIterator[StreamStay]:
        """A stream while the body runs; it ends when the hall is closed.

        Raises:
            NotReady: NOT_READY, the daemon stops.
        """
        limit = asyncio.timeout(0.0 if self._closed else None)
        try:
            async with limit:
                self._limits.add(limit)
                yield StreamStay(self._write_timeout_s)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise NotReady(
                ErrorReason.NOT_READY,
                "the daemon stops; come back when it is there again",
                retry_after_s=_RETRY_AFTER_S,
            ) from error
        finally:
            self._limits.discard(limit)

    def close(self) -> None:
        """Ends all streams, so that a stop need not wait for the grace of calls that never end."""
        self._closed = True
        now_s = asyncio.get_running_loop().time()
        for limit in self._limits:
            limit.reschedule(now_s)
