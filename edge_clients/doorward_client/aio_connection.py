"""One asyncio connection: how calls and streams are sent, and what their failures become."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from doorward_api.v1.access_service_pb2_grpc import AccessServiceStub
from doorward_api.v1.attendance_service_pb2_grpc import AttendanceServiceStub
from doorward_api.v1.camera_service_pb2_grpc import CameraServiceStub
from doorward_api.v1.device_service_pb2_grpc import DeviceServiceStub
from doorward_api.v1.event_service_pb2_grpc import EventServiceStub
from doorward_api.v1.gallery_service_pb2_grpc import GalleryServiceStub
from doorward_api.v1.picture_pb2 import Picture
from doorward_api.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from doorward_client.channel import ChannelSettings, call_metadata, open_aio_channel
from doorward_client.picture import read_picture
from doorward_client.request import new_request_id
from doorward_client.resumption import Resumption
from doorward_client.status import check_size, rebuild_error
from doorward_client.target import Target

if TYPE_CHECKING:  # these exist for type checkers only
    from doorward_api.v1.access_service_pb2_grpc import AccessServiceAsyncStub
    from doorward_api.v1.attendance_service_pb2_grpc import AttendanceServiceAsyncStub
    from doorward_api.v1.camera_service_pb2_grpc import CameraServiceAsyncStub
    from doorward_api.v1.device_service_pb2_grpc import DeviceServiceAsyncStub
    from doorward_api.v1.event_service_pb2_grpc import EventServiceAsyncStub
    from doorward_api.v1.gallery_service_pb2_grpc import GalleryServiceAsyncStub
    from doorward_api.v1.recognition_service_pb2_grpc import RecognitionServiceAsyncStub

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection with the stubs of all services."""

    target: Target
    """Where it goes."""
    channel: grpc.aio.Channel
    """The channel."""
    recognition: "RecognitionServiceAsyncStub"
    """RecognitionService."""
    gallery: "GalleryServiceAsyncStub"
    """GalleryService."""
    device: "DeviceServiceAsyncStub"
    """DeviceService."""
    events: "EventServiceAsyncStub"
    """EventService."""
    cameras: "CameraServiceAsyncStub"
    """CameraService."""
    access: "AccessServiceAsyncStub"
    """AccessService."""
    attendance: "AttendanceServiceAsyncStub"
    """AttendanceService."""


class AsyncConnection:
    """Opens and closes the channel, and sends what the methods of the client ask for.

    Args:
        target: the listener; None takes DOORWARD_TARGET or what stands for it when the client is entered.
        settings: deadline, limits and retries.
    """

    def __init__(self, target: Target | str | None = None, settings: ChannelSettings | None = None) -> None:
        self._target = target
        self._settings = settings or ChannelSettings()
        self._entered: Link | None = None

    async def __aenter__(self) -> Self:
        given = self._target
        target = Target(given) if isinstance(given, str) else given or Target.from_environment()
        channel = open_aio_channel(target, self._settings)
        self._entered = Link(
            target=target,
            channel=channel,
            recognition=RecognitionServiceStub(channel),
            gallery=GalleryServiceStub(channel),
            device=DeviceServiceStub(channel),
            events=EventServiceStub(channel),
            cameras=CameraServiceStub(channel),
            access=AccessServiceStub(channel),
            attendance=AttendanceServiceStub(channel),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        link, self._entered = self._link, None
        await link.channel.close()

    @property
    def _link(self) -> Link:
        if self._entered is None:
            raise RuntimeError("the client is not open; use it as: async with DoorwardClient() as doorward: ...")
        return self._entered

    async def _picture(self, source: bytes | Path) -> Picture:
        # A file may lie on a slow disk or a stick; the event loop does not wait for it.
        return await asyncio.to_thread(read_picture, source, self._settings.max_message_bytes)

    async def _call(
        self,
        method: "grpc.aio.UnaryUnaryMultiCallable[_Request, _Response]",
        request: _Request,
        timeout_s: float | None,
    ) -> _Response:
        check_size(request, self._settings.max_message_bytes)
        deadline_s = self._settings.deadline_s if timeout_s is None else timeout_s
        target, call_id = self._link.target, new_request_id()
        try:
            return await method(request, timeout=deadline_s, metadata=call_metadata(target, call_id))
        except grpc.RpcError as error:
            raise rebuild_error(error, target, call_id, request.ByteSize()) from error

    async def _stream(
        self, begin: Callable[[tuple[tuple[str, str], ...]], Any], kind: type[_Response]
    ) -> AsyncGenerator[_Response, None]:
        """One stream to its end; leaving it in the middle cancels it."""
        del kind  # for the type checker: the stubs of streams know more kinds of calls than one name covers
        target, call_id = self._link.target, new_request_id()
        call = begin(call_metadata(target, call_id))
        try:
            async for response in call:
                yield response
        except grpc.RpcError as error:
            raise rebuild_error(error, target, call_id) from error
        finally:
            call.cancel()

    async def _follow(
        self, begin: Callable[[tuple[tuple[str, str], ...]], Any], kind: type[_Response], resumption: Resumption
    ) -> AsyncGenerator[_Response, None]:
        """Streams one after the other, for as long as it makes sense to come back."""
        while True:
            with resumption.attempt():
                async with aclosing(self._stream(begin, kind)) as responses:
                    async for response in responses:
                        resumption.note_response()
                        yield response
            if resumption.is_over:
                return
            await asyncio.sleep(resumption.pause_s())
