"""A real gRPC server that shows cameras, doors, events and an uplink as a test sets them, for tests of screens."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import cv2
import grpc
import grpc.aio
import numpy as np
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from doorward_api.v1 import access_service_pb2, camera_service_pb2, device_service_pb2, event_service_pb2
from doorward_api.v1.access_pb2 import Door, DoorState
from doorward_api.v1.access_service_pb2 import ListDoorsResponse
from doorward_api.v1.camera_pb2 import Camera, CameraState, CameraView, Track
from doorward_api.v1.camera_service_pb2 import (
    ListCamerasResponse,
    WatchCameraRequest,
    WatchCameraResponse,
)
from doorward_api.v1.decision_pb2 import Outcome
from doorward_api.v1.device_pb2 import UplinkState
from doorward_api.v1.device_service_pb2 import (
    GetUplinkStatusResponse,
)
from doorward_api.v1.event_pb2 import Event, EventLane
from doorward_api.v1.event_service_pb2 import (
    EventHeartbeat,
    ListEventsRequest,
    ListEventsResponse,
    WatchEventsRequest,
    WatchEventsResponse,
)
from doorward_api.v1.face_pb2 import BoundingBox, Face
from doorward_api.v1.quality_pb2 import Guidance
from doorward_testing import sample_answers

DEVICE_SERVICES = tuple(device_service_pb2.DESCRIPTOR.services_by_name.values())
OTHER_SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service
    for module in (access_service_pb2, camera_service_pb2, event_service_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
)


def small_jpeg(shade: int = 90, width_px: int = 640, height_px: int = 480) -> bytes:
    """A grey picture with a lighter oval in its middle."""
    picture = np.full((height_px, width_px, 3), shade, np.uint8)
    cv2.ellipse(picture, (width_px // 2, height_px // 2), (90, 120), 0, 0, 360, (150, 180, 210), -1)
    return bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def track(outcome: "Outcome.ValueType" = Outcome.OUTCOME_UNSPECIFIED, name: str = "", evidence: float = 0.5) -> Track:
    """Somebody in the middle, who is told to come closer as long as nothing is decided."""
    box = BoundingBox(left_px=220, top_px=110, right_px=420, bottom_px=370)
    guidance = [] if outcome else [Guidance.GUIDANCE_COME_CLOSER]
    face = Face(box=box, quality=sample_answers.FACE.quality)
    return Track(track_id=7, face=face, guidance=guidance, outcome=outcome, display_name=name, evidence=evidence)


class PageDaemon:
    """Serves between `async with` and its end; may be entered again on the same socket.

    Args:
        socket: path of the Unix socket.
        whole: False serves the device service only, without the uplink, as an early daemon did.
    """

    def __init__(self, socket: Path, *, whole: bool = True) -> None:
        self._socket = socket
        self._whole = whole
        self._changed = asyncio.Condition()
        self.doors = [
            Door(door_id="front", display_name="Front door", state=DoorState.DOOR_STATE_LOCKED, liveness_policy="off")
        ]
        self.cameras = [
            Camera(
                camera_id="gate",
                door_id="front",
                state=CameraState.CAMERA_STATE_STREAMING,
                frames=90,
                frame_rate_hz=30.0,
                width_px=640,
                height_px=480,
            )
        ]
        self.uplink = GetUplinkStatusResponse(
            state=UplinkState.UPLINK_STATE_BACKING_OFF,
            centre_address="127.0.0.1:8400",
            unsent_events=12,
            oldest_unsent_age=sample_answers.seconds(75.0),
            last_acknowledged_seq=41,
            last_problem="nobody answers",
        )
        self.events: list[Event] = []
        self.view = CameraView()
        self.watching_cameras = 0
        """Streams of cameras that are open."""
        self._answers: dict[str, Callable[[Any, object], Any]] = {
            "GetStatus": _answer_with(lambda _: sample_answers.STATUS),
            "GetInfo": _answer_with(lambda _: sample_answers.INFO),
            "ListCameras": _answer_with(lambda _: ListCamerasResponse(cameras=self.cameras)),
            "ListDoors": _answer_with(lambda _: ListDoorsResponse(doors=self.doors)),
            "ListEvents": _answer_with(self._newest),
            "WatchEvents": self._watch_events,
            "WatchCamera": self._watch_camera,
        }
        if whole:
            self._answers["GetUplinkStatus"] = _answer_with(lambda _: self.uplink)

    @property
    def target(self) -> str:
        """Where it is."""
        return f"unix:{self._socket}"

    async def __aenter__(self) -> Self:
        self._server = grpc.aio.server()
        for service in DEVICE_SERVICES + (OTHER_SERVICES if self._whole else ()):
            methods = {method.name: self._handler(method) for method in service.methods if method.name in self._answers}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, methods),))
        self._server.add_insecure_port(self.target)
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(0)
        self.watching_cameras = 0

    async def show(self, *tracks: Track, jpeg: bytes = b"") -> None:
        """Gives the watchers a frame."""
        number = self.view.frame_number + 1
        picture = jpeg or small_jpeg(60 + number % 60)
        self.view = CameraView(
            camera_id="gate", frame_number=number, jpeg=picture, width_px=640, height_px=480, tracks=tracks
        )
        await self.notify()

    async def record(self, kind: str, **facts: object) -> None:
        """Writes an event down."""
        event = Event(
            epoch=2**62 + 1,
            lane=EventLane.EVENT_LANE_LEDGER,
            seq=len(self.events) + 1,
            kind=kind,
            payload_json=json.dumps(facts),
        )
        event.wall_time.FromSeconds(sample_answers.MOMENT.seconds + len(self.events))
        self.events.append(event)
        await self.notify()

    async def notify(self) -> None:
        """Wakes the streams."""
        async with self._changed:
            self._changed.notify_all()

    async def change(self) -> None:
        """Waits for the next change."""
        async with self._changed:
            await self._changed.wait()

    def _newest(self, request: ListEventsRequest) -> ListEventsResponse:
        kept = [event for event in self.events if event.kind.startswith(request.kind)]
        return ListEventsResponse(events=kept[-request.newest :])

    async def _watch_camera(self, request: WatchCameraRequest, context: object) -> AsyncIterator[WatchCameraResponse]:
        self.watching_cameras += 1
        try:
            while True:
                yield WatchCameraResponse(view=self.view)
                await self.change()
        finally:
            self.watching_cameras -= 1

    async def _watch_events(self, request: WatchEventsRequest, context: object) -> AsyncIterator[WatchEventsResponse]:
        told = len(self.events)
        yield WatchEventsResponse(heartbeat=EventHeartbeat(last_seq=told))
        while True:
            for event in self.events[told:]:
                told += 1
                yield WatchEventsResponse(event=event)
            await self.change()

    def _handler(self, method: MethodDescriptor) -> "grpc.RpcMethodHandler[Message, Message]":
        make = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
        return make(
            self._answers[method.name],
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=lambda message: message.SerializeToString(),
        )


def _answer_with(answer: Callable[[Any], Message]) -> Callable[[Any, object], Awaitable[Message]]:
    async def handle(request: Message, context: object) -> Message:
        return answer(request)

    return handle
