"""A centre that takes its time over every acknowledgement, and counts what it is sent twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc

from doorward_api.v1 import uplink_pb2, uplink_service_pb2, uplink_service_pb2_grpc
from doorward_testing.nonsense_centre import LEDGER, Response, greeting


@dataclass(slots=True)
class Heard:
    """What a slow centre has heard, in one connection after the other."""

    seqs: list[int] = field(default_factory=list)
    """Sequence numbers of the ledger, in order of arrival."""
    most_waiting: int = 0
    """Most batches that ever waited for their acknowledgement."""


class _Servicer(uplink_service_pb2_grpc.UplinkServiceServicer):
    def __init__(self, answer_after_s: float, heard: Heard) -> None:
        self._answer_after_s = answer_after_s
        self._heard = heard

    async def Connect(  # type: ignore[override]  # noqa: N802 - rpc names are PascalCase in the contract
        self,
        request_iterator: AsyncIterator[uplink_service_pb2.ConnectRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> None:
        batches: asyncio.Queue[int] = asyncio.Queue()
        answering = asyncio.ensure_future(self._answer(batches, context))
        try:
            async for request in request_iterator:
                if request.HasField("hello"):
                    await context.write(greeting())
                elif request.HasField("batch") and request.batch.lane == LEDGER:
                    seqs = [event.seq for event in request.batch.events]
                    self._heard.seqs += seqs
                    batches.put_nowait(seqs[-1])
                    # The one in hand is no longer in the queue.
                    self._heard.most_waiting = max(self._heard.most_waiting, batches.qsize())
        finally:
            answering.cancel()

    async def _answer(self, batches: asyncio.Queue[int], context: grpc.aio.ServicerContext[Any, Any]) -> None:
        while True:
            through = await batches.get()
            await asyncio.sleep(self._answer_after_s)
            await context.write(Response(ack=uplink_pb2.Ack(session_id="s", lane=LEDGER, through_seq=through)))


@contextlib.asynccontextmanager
async def slow_centre(address: str, answer_after_s: float) -> AsyncIterator[Heard]:
    """Serves while the body runs.

    Args:
        address: host:port.
        answer_after_s: so long every acknowledgement takes.
    """
    heard = Heard()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    uplink_service_pb2_grpc.add_UplinkServiceServicer_to_server(_Servicer(answer_after_s, heard), server)  # type: ignore[abstract]
    server.add_insecure_port(address)
    await server.start()
    try:
        yield heard
    finally:
        await server.stop(0)
