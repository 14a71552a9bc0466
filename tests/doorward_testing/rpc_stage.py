"""A served contract on Unix sockets, with small rooms behind it, and channels to it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from doorward_api.v1 import (
    access_service_pb2_grpc,
    attendance_service_pb2_grpc,
    camera_service_pb2_grpc,
    device_service_pb2_grpc,
    event_service_pb2_grpc,
    gallery_service_pb2_grpc,
    recognition_service_pb2_grpc,
)
from doorward_daemon.journal import Journal
from doorward_daemon.rpc import PIPELINE, Folders, RpcParts, RpcServer, RpcSettings, open_rpc
from doorward_daemon.telemetry import Metrics
from doorward_testing.journals import JournalSite
from doorward_testing.rpc_gallery import SmallGallery
from doorward_testing.rpc_rooms import SmallDevice, SmallRecogniser, decode_small_picture
from doorward_testing.rpc_site import SmallCameras, SmallDoors, SmallJudge, SmallTimeSheet, SmallUplink


class Client:
    """The stubs of all services on one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.recognition = recognition_service_pb2_grpc.RecognitionServiceStub(channel)
        self.gallery = gallery_service_pb2_grpc.GalleryServiceStub(channel)
        self.device = device_service_pb2_grpc.DeviceServiceStub(channel)
        self.events = event_service_pb2_grpc.EventServiceStub(channel)
        self.cameras = camera_service_pb2_grpc.CameraServiceStub(channel)
        self.access = access_service_pb2_grpc.AccessServiceStub(channel)
        self.attendance = attendance_service_pb2_grpc.AttendanceServiceStub(channel)


@dataclass(frozen=True, slots=True)
class RpcStage:
    """The contract while it is served."""

    server: RpcServer
    recogniser: SmallRecogniser
    metrics: Metrics
    folders: Folders
    journal: Journal
    cameras: SmallCameras
    doors: SmallDoors
    judge: SmallJudge

    @asynccontextmanager
    async def client(self, role: str) -> AsyncIterator[Client]:
        """A client on the socket of a role."""
        async with connect(f"unix:{self.folders.run / role}.sock") as client:
            yield client

    def count(self, name: str, **labels: str) -> float:
        """A figure of the metrics; 0 where it was never counted."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    async def until_counted(self, name: str, value: float, **labels: str) -> None:
        """Waits until a figure has reached a value: a caller may have its answer a moment before it is counted."""
        await until(lambda: self.count(name, **labels) >= value)


async def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Waits for something that has no event of its own to wait for.

    Raises:
        TimeoutError: it did not come true within the limit.
    """
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)


@asynccontextmanager
async def open_stage(
    home: Path, settings: RpcSettings | None = None, site: JournalSite | None = None
) -> AsyncIterator[RpcStage]:
    """Serves the whole contract below a home folder, with a pipeline that is fit.

    Args:
        home: where.
        settings: of the listeners.
        site: where the journal is; None makes one that goes with the stage.
    """
    recogniser, gallery, metrics = SmallRecogniser(), SmallGallery(), Metrics()
    cameras, judge = SmallCameras(), SmallJudge()
    folders = Folders(run=home / "run", tokens=home / "data" / "tokens")
    with TemporaryDirectory() as folder, (site or JournalSite(Path(folder))).open() as journal:
        doors = SmallDoors(journal)
        parts = RpcParts(
            recogniser=recogniser,
            enrolment=gallery,
            gallery=gallery,
            device=SmallDevice(),
            decode=decode_small_picture,
            metrics=metrics,
            events=journal,
            cameras=cameras,
            access=doors,
            attendance=SmallTimeSheet(journal),
            frames=judge,
            uplink=SmallUplink(),
        )
        try:
            async with open_rpc(parts, settings or RpcSettings(grace_s=1.0), folders) as server:
                await server.health.set(PIPELINE, serving=True)
                yield RpcStage(server, recogniser, metrics, folders, journal, cameras, doors, judge)
        finally:
            recogniser.let_go.set()
            judge.let_go.set()


@asynccontextmanager
async def connect(target: str) -> AsyncIterator[Client]:
    """A client that sends messages of any size."""
    async with grpc.aio.insecure_channel(target, options=[("grpc.max_send_message_length", -1)]) as channel:
        yield Client(channel)


def details_of(error: grpc.aio.AioRpcError) -> Iterator[Message]:
    """The details of a failed call."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for packed in status_pb2.Status.FromString(value).details:
                yield _unpacked(packed)


def info_of(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The ErrorInfo of a failed call."""
    found = [detail for detail in details_of(error) if isinstance(detail, error_details_pb2.ErrorInfo)]
    assert len(found) == 1, f"expected one ErrorInfo, found {found} with {error.code()}: {error.details()}"
    return found[0]


def _unpacked(packed: any_pb2.Any) -> Message:
    for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo):
        if packed.Is(kind.DESCRIPTOR):
            message: Message = kind()
            packed.Unpack(message)
            return message
    raise AssertionError(f"unknown detail {packed.type_url}")
