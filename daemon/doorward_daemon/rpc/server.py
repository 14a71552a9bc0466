"""Serves the wire contract: puts lines, servicers, health and listeners together and takes them down in reverse."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection

from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.listeners import Folders, Services, open_listeners
from doorward_daemon.rpc.parts import RpcParts
from doorward_daemon.rpc.protobuf_runtime import require_native_runtime
from doorward_daemon.rpc.registration import Lines, registration, service_names
from doorward_daemon.rpc.roles import Work
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.stream_hall import StreamHall
from doorward_daemon.rpc.work_queue import WorkQueue

# Reads and writes of the records take milliseconds: one thread keeps them in order, and more wait without harm.
_RECORDS_QUEUED = 64
# Encoding takes milliseconds too; on a thread of its own it never holds up the record.
_PICTURES_QUEUED = 64
# A lock that hangs holds its thread for as long as its door is given; other doors go on.
_DOOR_WORKERS = 4
_DOORS_QUEUED = 16


@dataclass(frozen=True, slots=True)
class RpcServer:
    """The contract while it is served."""

    addresses: tuple[str, ...]
    """Addresses of the listeners, as clients write them."""
    health: HealthBoard
    """What grpc.health.v1 says; `doorward.pipeline` is NOT_SERVING until it is set."""


@asynccontextmanager
async def open_rpc(parts: RpcParts, settings: RpcSettings, folders: Folders) -> AsyncIterator[RpcServer]:
    """Serves the contract on all listeners while the body runs.

    At the end health says NOT_SERVING, streams end, nothing new is taken on, and calls in hand get `grace_s`.

    Raises:
        InvalidInput: CONFIG_INVALID.
        Conflict: LISTENER_UNAVAILABLE.
    """
    require_native_runtime()
    with ExitStack() as stack:
        lines = Lines(
            recognition=WorkQueue("recognition", settings.workers, settings.max_queued, settings.max_wait_s),
            records=WorkQueue("records", 1, _RECORDS_QUEUED, settings.max_wait_s),
            pictures=WorkQueue("pictures", 1, _PICTURES_QUEUED, settings.max_wait_s),
            doors=WorkQueue("doors", _DOOR_WORKERS, _DOORS_QUEUED, settings.max_wait_s),
        )
        for line in (lines.recognition, lines.records, lines.pictures, lines.doors):
            stack.callback(line.close)
        board = HealthBoard()
        await board.open()
        hall = StreamHall(settings.write_timeout_s)
        names = (
            *service_names(parts),
            health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
            reflection.SERVICE_NAME,
        )
        services = Services(
            register=registration(parts, settings, board, lines),
            register_reflection=lambda server: reflection.enable_server_reflection(names, server),
            queues={
                Work.RECOGNITION: lines.recognition,
                Work.RECORDS: lines.records,
                Work.PICTURES: lines.pictures,
                Work.DOORS: lines.doors,
            },
            streams=hall,
            metrics=parts.metrics,
        )
        async with open_listeners(services, settings, folders) as addresses:
            try:
                yield RpcServer(addresses, board)
            finally:
                await board.drain()
                hall.close()
