"""A centre that says what a test tells it to, whatever the device sends."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import grpc

from doorward_api.v1 import event_pb2, uplink_pb2, uplink_service_pb2, uplink_service_pb2_grpc

Response = uplink_service_pb2.ConnectResponse
Script = Callable[[uplink_service_pb2.ConnectRequest], Sequence[Response]]
LEDGER = event_pb2.EVENT_LANE_LEDGER


class _Servicer(uplink_service_pb2_grpc.UplinkServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def Connect(  # type: ignore[override]  # noqa: N802 - rpc names are PascalCase in the contract
        self,
        request_iterator: AsyncIterator[uplink_service_pb2.ConnectRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> None:
        async for request in request_iterator:
            for response in self._script(request):
                await context.write(response)


@contextlib.asynccontextmanager
async def nonsense_centre(address: str, script: Script) -> AsyncIterator[None]:
    """Serves while the body runs.

    Args:
        address: host:port.
        script: what it answers to a message.
    """
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    uplink_service_pb2_grpc.add_UplinkServiceServicer_to_server(_Servicer(script), server)  # type: ignore[abstract]
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(0)


def greeting() -> Response:
    """A HelloAck of a centre that has nothing."""
    ack = uplink_pb2.HelloAck(protocol=1, session_id="s", credit=2)
    ack.heartbeat_interval.FromSeconds(25)
    return Response(hello_ack=ack)
