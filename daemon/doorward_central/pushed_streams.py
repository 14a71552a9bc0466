"""Streams of devices that come as calls: what is pushed, in order, as if it came on one stream."""

import asyncio
from collections.abc import AsyncIterator

from doorward_api.v1 import uplink_service_pb2
from doorward_central.error import CentreError, field_invalid
from doorward_sync.batch_run import ProtocolError
from doorward_sync.push_order import PushOrder

_MOST_WAITING = 4
"""Messages that may wait for the session; the next call waits with them."""


class PushedStream:
    """What one device pushes. For one event loop.

    Args:
        device_id: identity that was proved where it began; empty where none is demanded.
    """

    def __init__(self, device_id: str) -> None:
        self.device_id = device_id
        self._waiting: asyncio.Queue[uplink_service_pb2.ConnectRequest] = asyncio.Queue(_MOST_WAITING)
        self._order = PushOrder()

    async def requests(self) -> AsyncIterator[uplink_service_pb2.ConnectRequest]:
        """Its messages; without end, whoever serves the stream is cancelled with it."""
        while True:
            yield await self._waiting.get()

    async def push(self, request: uplink_service_pb2.PushRequest) -> None:
        """Takes one message; one that was taken before changes nothing.

        Raises:
            CentreError: NOT_READY, one before it is missing: the stream is lost, and nothing under way is to blame.
        """
        try:
            is_new = self._order.take(request.number)
        except ProtocolError as error:
            raise CentreError("NOT_READY", f"number: {error}; begin a new stream with Watch") from error
        if is_new:
            await self._waiting.put(request.message)


class PushedStreams:
    """The streams that are watched now. For one event loop."""

    def __init__(self) -> None:
        self._streams: dict[str, PushedStream] = {}

    def begin(self, stream_id: str, device_id: str) -> PushedStream:
        """A device begins to watch.

        Raises:
            CentreError: FIELD_INVALID, it is no identity, or watched already.
        """
        if not 16 <= len(stream_id) <= 64 or stream_id in self._streams:
            raise field_invalid("stream_id", "expected 16..64 characters by chance that no other stream has")
        self._streams[stream_id] = PushedStream(device_id)
        return self._streams[stream_id]

    def end(self, stream_id: str) -> None:
        """It watches no more."""
        self._streams.pop(stream_id, None)

    def of(self, stream_id: str, device_id: str) -> PushedStream:
        """The stream of a device.

        Raises:
            CentreError: NOT_READY, it is not watched, or is another device's.
        """
        stream = self._streams.get(stream_id)
        if stream is None or stream.device_id != device_id:
            raise CentreError("NOT_READY", f"stream {stream_id[:64]} is not watched; begin a new one with Watch")
        return stream
