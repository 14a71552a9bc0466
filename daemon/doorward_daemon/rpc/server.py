"""Serves the wire contract: puts queues, servicers, health and listeners together and takes them down in reverse."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from doorward_api.v1 import (
    device_service_pb2,
    device_service_pb2_grpc,
    gallery_service_pb2,
    gallery_service_pb2_grpc,
    recognition_service_pb2,
    recognition_service_pb2_grpc,
)
from doorward_daemon.model.picture import Picture
from doorward_daemon.rpc.device_servicer import DeviceServicer
from doorward_daemon.rpc.gallery_servicer import GalleryRooms, GalleryServicer
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.listeners import Folders, Services, open_listeners
from doorward_daemon.rpc.ports import DeviceDesk, EnrolmentDesk, GalleryReads, Recogniser
from doorward_daemon.rpc.protobuf_runtime import require_native_runtime
from doorward_daemon.rpc.recognition_servicer import RecognitionServicer
from doorward_daemon.rpc.roles import Work
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_daemon.telemetry import Metrics

# Reads and writes of the gallery take milliseconds: one thread keeps them in order, and more wait without harm.
_RECORDS_QUEUED = 64

SERVICE_NAMES = (
    recognition_service_pb2.DESCRIPTOR.services_by_name["RecognitionService"].full_name,
    gallery_service_pb2.DESCRIPTOR.services_by_name["GalleryService"].full_name,
    device_service_pb2.DESCRIPTOR.services_by_name["DeviceService"].full_name,
    health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
    reflection.SERVICE_NAME,
)
"""Full names of the services on a Unix socket, as reflection lists them."""


@dataclass(frozen=True, slots=True)
class RpcParts:
    """What the contract is served with."""

    recogniser: Recogniser
    """Judges pictures."""
    enrolment: EnrolmentDesk
    """Changes the gallery."""
    gallery: GalleryReads
    """Reads the gallery."""
    device: DeviceDesk
    """Tells about the device."""
    decode: Callable[[bytes], Picture]
    """Decodes a picture within its limits."""
    metrics: Metrics
    """Where calls and outcomes are counted."""


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

    At the end health says NOT_SERVING, nothing new is taken on, and calls in hand get `grace_s`.

    Raises:
        InvalidInput: CONFIG_INVALID.
        Conflict: LISTENER_UNAVAILABLE.
    """
    require_native_runtime()
    with ExitStack() as stack:
        recognition = WorkQueue("recognition", settings.workers, settings.max_queued, settings.max_wait_s)
        stack.callback(recognition.close)
        records = WorkQueue("records", 1, _RECORDS_QUEUED, settings.max_wait_s)
        stack.callback(records.close)
        board = HealthBoard()
        await board.open()
        services = Services(
            register=_registration(parts, settings, board, recognition, records),
            register_reflection=lambda server: reflection.enable_server_reflection(SERVICE_NAMES, server),
            queues={Work.RECOGNITION: recognition, Work.RECORDS: records},
            metrics=parts.metrics,
        )
        async with open_listeners(services, settings, folders) as addresses:
            try:
                yield RpcServer(addresses, board)
            finally:
                await board.drain()


def _registration(
    parts: RpcParts, settings: RpcSettings, board: HealthBoard, recognition: WorkQueue, records: WorkQueue
) -> Callable[[grpc.aio.Server], None]:
    recogniser = RecognitionServicer(parts.recogniser, recognition, board, parts.metrics)
    gallery = GalleryServicer(GalleryRooms(parts.enrolment, parts.gallery, parts.decode), records, recognition, board)
    device = DeviceServicer(parts.device, records, recognition, settings.max_message_bytes)

    def register(server: grpc.aio.Server) -> None:
        recognition_service_pb2_grpc.add_RecognitionServiceServicer_to_server(recogniser, server)
        gallery_service_pb2_grpc.add_GalleryServiceServicer_to_server(gallery, server)
        device_service_pb2_grpc.add_DeviceServiceServicer_to_server(device, server)
        health_pb2_grpc.add_HealthServicer_to_server(board.servicer, server)

    return register
