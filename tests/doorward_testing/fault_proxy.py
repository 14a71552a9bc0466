"""A TCP proxy that spoils what passes through it: cut, stall, slow, slice, reset, limit_bytes, half_open, delay."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

_LARGEST_PIECE = 65_536


class Toxic(StrEnum):
    """What happens to connections; the words of toxiproxy."""

    NONE = "none"
    """Everything passes."""
    CUT = "cut"
    """Connections end, and no new one is taken."""
    STALL = "stall"
    """Connections stay and are taken, and nothing passes: a silent blackhole."""
    HALF_OPEN = "half_open"
    """What goes up passes; nothing comes down."""
    SLOW = "slow"
    """`amount` bytes per second each way."""
    SLICE = "slice"
    """Pieces of `amount` bytes."""
    DELAY = "delay"
    """What comes down comes `amount` seconds later."""
    LIMIT_BYTES = "limit_bytes"
    """A connection ends after `amount` bytes up."""
    RESET = "reset"
    """Connections end with a reset instead of an end."""


@dataclass(slots=True)
class Passed:
    """What has passed, in all connections."""

    connections: int = 0
    """Taken."""
    up_bytes: int = 0
    """To the centre."""
    down_bytes: int = 0
    """To the device."""


class FaultProxy:
    """Made by `fault_proxy`. For one event loop.

    Args:
        upstream: host:port behind it.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._connections: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self.toxic = Toxic.NONE
        """What is in force."""
        self.amount = 0.0
        """Of the toxic, where it has one."""
        self.passed = Passed()
        """Counters."""
        self.address = ""
        """Where it listens, host:port."""

    def poison(self, toxic: Toxic, amount: float = 0.0) -> None:
        """Puts a toxic in force; CUT and RESET end what is connected now.

        Args:
            toxic: which.
            amount: as the toxic says.
        """
        self.toxic, self.amount = toxic, amount
        # Who waits in a stall looks again.
        self._changed.set()
        self._changed = asyncio.Event()
        if toxic in (Toxic.CUT, Toxic.RESET):
            for connection in self._connections:
                connection.cancel()

    def heal(self) -> None:
        """Lets everything pass."""
        self.poison(Toxic.NONE)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.passed.connections += 1
        ends = [writer]
        try:
            if self.toxic is not Toxic.CUT:
                up_reader, up_writer = await asyncio.open_connection(*self._upstream.split(":"))
                ends.append(up_writer)
                await self._carry((reader, up_writer), (up_reader, writer))
        except (OSError, asyncio.CancelledError):
            # Either end is gone, or a toxic ended it: that is what this is for.
            pass
        finally:
            self._connections.discard(task)
            for end in ends:
                _end(end, with_reset=self.toxic is Toxic.RESET)

    async def close(self) -> None:
        """Ends every connection."""
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _carry(
        self,
        up: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        down: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        ways = [
            asyncio.ensure_future(self._pump(*up, is_up=True)),
            asyncio.ensure_future(self._pump(*down, is_up=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool) -> None:
        carried = 0
        while piece := await reader.read(self._piece_bytes()):
            await self._hold(len(piece), is_up=is_up)
            writer.write(piece)
            await writer.drain()
            carried += len(piece)
            self._count(len(piece), is_up=is_up)
            if is_up and self.toxic is Toxic.LIMIT_BYTES and carried >= self.amount:
                return

    def _piece_bytes(self) -> int:
        if self.toxic in (Toxic.SLICE, Toxic.LIMIT_BYTES):
            return max(1, int(self.amount))
        # A tenth of a second at a time, so that what is slow is slow evenly.
        return max(1, int(self.amount / 10)) if self.toxic is Toxic.SLOW else _LARGEST_PIECE

    async def _hold(self, size: int, *, is_up: bool) -> None:
        while self.toxic is Toxic.STALL or (self.toxic is Toxic.HALF_OPEN and not is_up):
            await self._changed.wait()
        if self.toxic is Toxic.SLOW:
            await asyncio.sleep(size / self.amount)
        elif self.toxic is Toxic.DELAY and not is_up:
            await asyncio.sleep(self.amount)
        elif self.toxic is Toxic.SLICE:
            await asyncio.sleep(0)

    def _count(self, size: int, *, is_up: bool) -> None:
        if is_up:
            self.passed.up_bytes += size
        else:
            self.passed.down_bytes += size


@contextlib.asynccontextmanager
async def fault_proxy(upstream: str) -> AsyncIterator[FaultProxy]:
    """Listens on loopback while the body runs.

    Args:
        upstream: host:port behind it.
    """
    proxy = FaultProxy(upstream)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()


def _end(writer: asyncio.StreamWriter, *, with_reset: bool) -> None:
    end = writer.get_extra_info("socket")
    if with_reset and end is not None:
        # No lingering: the system sends a reset.
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()
