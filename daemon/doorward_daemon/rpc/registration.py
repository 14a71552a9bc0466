"""Makes the servicers of the parts there are, and puts them on servers."""

from collections.abc import Callable
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2_grpc

from doorward_api.v1 import (
    access_service_pb2_grpc,
    attendance_service_pb2_grpc,
    camera_service_pb2_grpc,
    device_service_pb2_grpc,
    event_service_pb2_grpc,
    gallery_service_pb2_grpc,
    recognition_service_pb2_grpc,
)
from doorward_daemon.rpc.access_servicer import AccessServicer
from doorward_daemon.rpc.attendance_servicer import AttendanceServicer
from doorward_daemon.rpc.camera_servicer import CameraServicer
from doorward_daemon.rpc.device_servicer import DeviceServicer
from doorward_daemon.rpc.event_servicer import EventServicer
from doorward_daemon.rpc.gallery_servicer import GalleryRooms, GalleryServicer
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.identify_stream import StreamParts
from doorward_daemon.rpc.parts import RpcParts
from doorward_daemon.rpc.recognition_servicer import RecognitionServicer
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.work_queue import WorkQueue

Register = Callable[[grpc.aio.Server], None]

_PACKAGE = "doorward_api.v1."


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines that calls wait in."""

    recognition: WorkQueue
    """Runs models."""
    records: WorkQueue
    """Reads and writes gallery and journal."""
    pictures: WorkQueue
    """Encodes pictures."""
    doors: WorkQueue
    """Commands doors."""


def service_names(parts: RpcParts) -> tuple[str, ...]:
    """Full names of the services of these parts."""
    optional = {
        "EventService": parts.events,
        "CameraService": parts.cameras,
        "AccessService": parts.access,
        "AttendanceService": parts.attendance,
    }
    there = [name for name, part in optional.items() if part is not None]
    return tuple(_PACKAGE + name for name in ("RecognitionService", "GalleryService", "DeviceService", *there))


def registration(parts: RpcParts, settings: RpcSettings, board: HealthBoard, lines: Lines) -> Register:
    """What puts the servicers on a server; they are the same objects on every one."""
    recognition = RecognitionServicer(
        parts.recogniser, lines.recognition, board, parts.metrics, _streams(parts, settings, board, lines)
    )
    gallery = GalleryServicer(
        GalleryRooms(parts.enrolment, parts.gallery, parts.decode), lines.records, lines.recognition, board
    )
    device = DeviceServicer(parts.device, lines.records, lines.recognition, settings.max_message_bytes, parts.uplink)
    more = _optional(parts, settings, board, lines)

    def register(server: grpc.aio.Server) -> None:
        recognition_service_pb2_grpc.add_RecognitionServiceServicer_to_server(recognition, server)
        gallery_service_pb2_grpc.add_GalleryServiceServicer_to_server(gallery, server)
        device_service_pb2_grpc.add_DeviceServiceServicer_to_server(device, server)
        health_pb2_grpc.add_HealthServicer_to_server(board.servicer, server)
        for add in more:
            add(server)

    return register


def _streams(parts: RpcParts, settings: RpcSettings, board: HealthBoard, lines: Lines) -> StreamParts | None:
    if parts.frames is None:
        return None
    return StreamParts(parts.frames, parts.decode, lines.recognition, board, parts.metrics, settings)


def _optional(parts: RpcParts, settings: RpcSettings, board: HealthBoard, lines: Lines) -> list[Register]:
    more: list[Register] = []
    if parts.events is not None:
        events = EventServicer(parts.events, lines.records, settings)
        more.append(lambda server: event_service_pb2_grpc.add_EventServiceServicer_to_server(events, server))
    if parts.cameras is not None:
        cameras = CameraServicer(parts.cameras, lines.pictures, settings.heartbeat_s)
        more.append(lambda server: camera_service_pb2_grpc.add_CameraServiceServicer_to_server(cameras, server))
    if parts.access is not None:
        access = AccessServicer(parts.access, lines.doors)
        more.append(lambda server: access_service_pb2_grpc.add_AccessServiceServicer_to_server(access, server))
    if parts.attendance is not None:
        desk = AttendanceServicer(parts.attendance, lines.recognition, board)
        more.append(lambda server: attendance_service_pb2_grpc.add_AttendanceServiceServicer_to_server(desk, server))
    return more
