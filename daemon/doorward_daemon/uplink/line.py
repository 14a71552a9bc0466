"""The two ways to the centre, which carry the same messages: one stream, or calls and a stream of what comes down."""

import uuid
from typing import Protocol

import grpc

from doorward_api.v1 import uplink_service_pb2, uplink_service_pb2_grpc
from doorward_sync.line_choice import LineKind

Request = uplink_service_pb2.ConnectRequest
Response = uplink_service_pb2.ConnectResponse


class Line(Protocol):
    """Carries messages; what breaks it is an AioRpcError."""

    is_told_by_reading: bool
    """Whether reading fails where writing does; else who writes has to say so."""

    async def read(self) -> Response | None:
        """The next message of the centre; None where it has ended the line in order."""

    async def write(self, request: Request) -> None:
        """Sends a message, after all those before it."""

    def cancel(self) -> None:
        """Ends it."""


class StreamLine:
    """One stream in both directions.

    Args:
        stub: of the centre.
    """

    is_told_by_reading = True

    def __init__(self, stub: "uplink_service_pb2_grpc.UplinkServiceAsyncStub") -> None:
        self._call = stub.Connect()

    async def read(self) -> Response | None:
        """As Line."""
        found = await self._call.read()
        return found if isinstance(found, Response) else None

    async def write(self, request: Request) -> None:
        """As Line."""
        await self._call.write(request)

    def cancel(self) -> None:
        """As Line."""
        self._call.cancel()


class CallsLine:
    """A call for each message up, one at a time, and a stream of what comes down.

    Args:
        stub: of the centre.
        timeout_s: how long a call may take.
    """

    is_told_by_reading = False

    def __init__(self, stub: "uplink_service_pb2_grpc.UplinkServiceAsyncStub", timeout_s: float) -> None:
        self._stub = stub
        self._timeout_s = timeout_s
        self._stream_id = str(uuid.uuid4())
        self._number = 0
        self._watch = stub.Watch(uplink_service_pb2.WatchRequest(stream_id=self._stream_id))

    async def read(self) -> Response | None:
        """As Line."""
        found = await self._watch.read()
        return found.message if isinstance(found, uplink_service_pb2.WatchResponse) else None

    async def write(self, request: Request) -> None:
        """As Line."""
        # What is pushed before the centre knows the stream belongs to none.
        await self._watch.wait_for_connection()
        self._number += 1
        push = uplink_service_pb2.PushRequest(stream_id=self._stream_id, number=self._number, message=request)
        await self._stub.Push(push, timeout=self._timeout_s)

    def cancel(self) -> None:
        """As Line."""
        self._watch.cancel()


def open_line(kind: LineKind, channel: grpc.aio.Channel, timeout_s: float) -> Line:
    """Begins a line.

    Args:
        kind: which way.
        channel: to the centre; the caller closes it.
        timeout_s: how long a call may take.
    """
    stub: uplink_service_pb2_grpc.UplinkServiceAsyncStub = uplink_service_pb2_grpc.UplinkServiceStub(channel)
    return StreamLine(stub) if kind is LineKind.STREAM else CallsLine(stub, timeout_s)
