"""Something between device and centre that breaks streams in both directions, as proxies do; calls pass."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import grpc

from doorward_api.v1 import uplink_service_pb2 as api
from doorward_api.v1 import uplink_service_pb2_grpc as api_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class Streams(StrEnum):
    """What becomes of streams in both directions."""

    PASS = "pass"
    """They pass."""
    HELD = "held"
    """What goes up is gathered until it ends, which it never does."""
    REFUSED = "refused"
    """They are answered as gRPC reads an HTTP error."""


@dataclass(slots=True)
class Breaker:
    """What is in force, and what was asked for."""

    streams: Streams
    connects: int = 0
    """Streams that were begun."""
    calls: int = 0
    """Messages that were pushed."""


class _Servicer(api_grpc.UplinkServiceServicer):
    def __init__(self, upstream: str, breaker: Breaker) -> None:
        self._channel = grpc.aio.insecure_channel(upstream)
        self._stub = api_grpc.UplinkServiceStub(self._channel)
        self._breaker = breaker

    async def close(self) -> None:
        await self._channel.close()

    async def Connect(  # type: ignore[override]  # noqa: N802 - rpc names are PascalCase in the contract
        self, request_iterator: AsyncIterator[api.ConnectRequest], context: Context
    ) -> None:
        self._breaker.connects += 1
        if self._breaker.streams is Streams.REFUSED:
            await context.abort(grpc.StatusCode.UNKNOWN, "Received http2 header with status: 405")
        if self._breaker.streams is Streams.HELD:
            async for _ in request_iterator:
                pass
            return
        async for response in self._stub.Connect(request_iterator):
            await context.write(response)

    async def Watch(  # type: ignore[override]  # noqa: N802 - as above
        self, request: api.WatchRequest, context: Context
    ) -> None:
        call = self._stub.Watch(request)
        await call.wait_for_connection()
        await context.send_initial_metadata(())
        async for response in call:
            await context.write(response)

    async def Push(  # noqa: N802 - as above
        self, request: api.PushRequest, context: Context
    ) -> api.PushResponse:
        self._breaker.calls += 1
        try:
            return await self._stub.Push(request)
        except grpc.aio.AioRpcError as error:
            await context.abort(error.code(), error.details() or "")
            raise


@contextlib.asynccontextmanager
async def stream_breaker(address: str, upstream: str, streams: Streams) -> AsyncIterator[Breaker]:
    """Serves while the body runs.

    Args:
        address: host:port.
        upstream: the centre behind it.
        streams: what becomes of streams at first.
    """
    breaker = Breaker(streams)
    servicer = _Servicer(upstream, breaker)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    api_grpc.add_UplinkServiceServicer_to_server(servicer, server)
    server.add_insecure_port(address)
    await server.start()
    try:
        yield breaker
    finally:
        await server.stop(0)
        await servicer.close()
