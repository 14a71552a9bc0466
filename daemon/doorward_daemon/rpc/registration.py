"""Makes the servicers of the parts there are, and puts them on servers.

Servicers are imported where they are made: a daemon that judges no pictures loads none of what judging needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2_grpc

from doorward_api.v1 import device_service_pb2_grpc
from doorward_daemon.rpc.closed_services import closed_service
from doorward_daemon.rpc.device_servicer import DeviceServicer
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.parts import RpcParts
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


@dataclass(frozen=True, slots=True)
class _Making:
    """What servicers are made of."""

    parts: RpcParts
    settings: RpcSettings
    board: HealthBoard
    lines: Lines


def service_names(parts: RpcParts) -> tuple[str, ...]:
    """Full names of the services of these parts."""
    there = [name for name in _MAKERS if parts.closed or _is_there(name, parts)]
    return tuple(_PACKAGE + name for name in ("DeviceService", *there))


def registration(parts: RpcParts, settings: RpcSettings, board: HealthBoard, lines: Lines) -> Register:
    """What puts the servicers on a server; they are the same objects on every one."""
    making = _Making(parts, settings, board, lines)
    device = DeviceServicer(parts.device, lines.records, lines.recognition, settings.max_message_bytes, parts.uplink)
    made = {name: make(making) for name, make in _MAKERS.items()}
    closed = tuple(closed_service(name, parts.closed) for name, add in made.items() if add is None and parts.closed)

    def register(server: grpc.aio.Server) -> None:
        device_service_pb2_grpc.add_DeviceServiceServicer_to_server(device, server)
        health_pb2_grpc.add_HealthServicer_to_server(board.servicer, server)
        for add in made.values():
            if add is not None:
                add(server)
        server.add_generic_rpc_handlers(closed)

    return register


def _is_there(name: str, parts: RpcParts) -> bool:
    part = {
        "RecognitionService": parts.recogniser,
        "GalleryService": parts.gallery,
        "EventService": parts.events,
        "CameraService": parts.cameras,
        "AccessService": parts.access,
        "AttendanceService": parts.attendance,
    }
    return part[name] is not None


def _recognition(making: _Making) -> Register | None:
    parts, line, board = making.parts, making.lines.recognition, making.board
    if parts.recogniser is None:
        return None
    from doorward_api.v1 import recognition_service_pb2_grpc
    from doorward_daemon.rpc.answer_cache import AnswerCache
    from doorward_daemon.rpc.identify_stream import StreamParts
    from doorward_daemon.rpc.recognition_servicer import RecognitionServicer

    streams = None
    if parts.frames is not None and parts.decode is not None:
        streams = StreamParts(parts.frames, parts.decode, line, board, parts.metrics, making.settings)
    answers = AnswerCache(making.settings.answer_cache_s, making.settings.answer_cache_entries)
    servicer = RecognitionServicer(parts.recogniser, line, board, parts.metrics, answers, streams)
    return lambda server: recognition_service_pb2_grpc.add_RecognitionServiceServicer_to_server(servicer, server)


def _gallery(making: _Making) -> Register | None:
    parts, lines = making.parts, making.lines
    if parts.enrolment is None or parts.gallery is None or parts.decode is None:
        return None
    from doorward_api.v1 import gallery_service_pb2_grpc
    from doorward_daemon.rpc.gallery_servicer import GalleryRooms, GalleryServicer

    rooms = GalleryRooms(parts.enrolment, parts.gallery, parts.decode)
    servicer = GalleryServicer(rooms, lines.records, lines.recognition, making.board)
    return lambda server: gallery_service_pb2_grpc.add_GalleryServiceServicer_to_server(servicer, server)


def _events(making: _Making) -> Register | None:
    if making.parts.events is None:
        return None
    from doorward_api.v1 import event_service_pb2_grpc
    from doorward_daemon.rpc.event_servicer import EventServicer

    servicer = EventServicer(making.parts.events, making.lines.records, making.settings)
    return lambda server: event_service_pb2_grpc.add_EventServiceServicer_to_server(servicer, server)


def _cameras(making: _Making) -> Register | None:
    if making.parts.cameras is None:
        return None
    from doorward_api.v1 import camera_service_pb2_grpc
    from doorward_daemon.rpc.camera_servicer import CameraServicer

    servicer = CameraServicer(making.parts.cameras, making.lines.pictures, making.settings.heartbeat_s)
    return lambda server: camera_service_pb2_grpc.add_CameraServiceServicer_to_server(servicer, server)


def _access(making: _Making) -> Register | None:
    if making.parts.access is None:
        return None
    from doorward_api.v1 import access_service_pb2_grpc
    from doorward_daemon.rpc.access_servicer import AccessServicer

    servicer = AccessServicer(making.parts.access, making.lines.doors)
    return lambda server: access_service_pb2_grpc.add_AccessServiceServicer_to_server(servicer, server)


def _attendance(making: _Making) -> Register | None:
    if making.parts.attendance is None:
        return None
    from doorward_api.v1 import attendance_service_pb2_grpc
    from doorward_daemon.rpc.attendance_servicer import AttendanceServicer

    servicer = AttendanceServicer(making.parts.attendance, making.lines.recognition, making.board)
    return lambda server: attendance_service_pb2_grpc.add_AttendanceServiceServicer_to_server(servicer, server)


_MAKERS: dict[str, Callable[[_Making], Register | None]] = {
    "RecognitionService": _recognition,
    "GalleryService": _gallery,
    "EventService": _events,
    "CameraService": _cameras,
    "AccessService": _access,
    "AttendanceService": _attendance,
}
