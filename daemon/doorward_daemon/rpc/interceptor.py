"""Puts the guard around every method of a listener."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from doorward_daemon.rpc.call import Context, Gate, GuardedCall, Handler


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps the methods of one listener.

    Methods with one request are served as if they took a stream: the role is checked and a place in the line is taken
    before the message is read, so that a refused picture costs no memory, a caller that never sends one is let go, and
    the request id is on its way even where gRPC itself refuses the message.

    Args:
        gate: what calls are checked and counted with.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "Awaitable[Handler | None]"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """The handler of one call, wrapped."""
        handler = await continuation(handler_call_details)
        metadata: Any = handler_call_details.invocation_metadata
        sent = {key: value for key, value in metadata if isinstance(value, str)}
        call = GuardedCall(handler_call_details.method, sent, self._gate)
        return _wrap(call, handler)


def _wrap(call: GuardedCall, handler: "Handler | None") -> Handler:
    # grpc.aio looks at the kind of function: only `async def` is run on the loop.
    async def serve_unknown(requests: object, context: Context) -> None:
        del requests
        await call.serve_unknown(context)

    if handler is None:
        return grpc.stream_stream_rpc_method_handler(serve_unknown)
    known = handler

    async def serve_one(requests: object, context: Context) -> object:
        return await call.serve_one(known, requests, context)

    async def serve_many(requests: object, context: Context) -> None:
        await call.serve_many(known, requests, context)

    codec: Any = (handler.request_deserializer, handler.response_serializer)
    if not handler.response_streaming:
        return grpc.stream_unary_rpc_method_handler(serve_one, *codec)
    return grpc.stream_stream_rpc_method_handler(serve_many, *codec)
