"""One blocking connection: how calls and streams are sent, and what their failures become."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import grpc
from google.protobuf.message import Message

from doorward_api.v1.access_service_pb2_grpc import AccessServiceStub
from doorward_api.v1.attendance_service_pb2_grpc import AttendanceServiceStub
from doorward_api.v1.camera_service_pb2_grpc import CameraServiceStub
from doorward_api.v1.device_service_pb2_grpc import DeviceServiceStub
from doorward_api.v1.event_service_pb2_grpc import EventServiceStub
from doorward_api.v1.gallery_service_pb2_grpc import GalleryServiceStub
from doorward_api.v1.picture_pb2 import Picture
from doorward_api.v1.recognition_service_pb2_grpc import RecognitionServiceStub
from doorward_client.channel import ChannelSettings, call_metadata, open_channel
from doorward_client.picture import read_picture
from doorward_client.request import new_request_id
from doorward_client.resumption import Resumption
from doorward_client.status import check_size, rebuild_error
from doorward_client.target import Target

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)
_Told = TypeVar("_Told", bound=Message, covariant=True)


class ResponseStream(Protocol[_Told]):
    """A stream of responses under way."""

    def __iter__(self) -> Iterator[_Told]:
        """Its responses."""
        ...

    def cancel(self) -> bool:
        """Ends it."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection with the stubs of all services."""

    target: Target
    """Where it goes."""
    channel: grpc.Channel
    """The channel."""
    recognition: RecognitionServiceStub
    """RecognitionService."""
    gallery: GalleryServiceStub
    """GalleryService."""
    device: DeviceServiceStub
    """DeviceService."""
    events: EventServiceStub
    """EventService."""
    cameras: CameraServiceStub
    """CameraService."""
    access: AccessServiceStub
    """AccessService."""
    attendance: AttendanceServiceStub
    """AttendanceService."""


class BlockingConnection:
    """Opens and closes the channel, and sends what the methods of the client ask for.

    Args:
        target: the listener; None takes DOORWARD_TARGET or what stands for it when the client is entered.
        settings: deadline, limits and retries.
    """

    def __init__(self, target: Target | str | None = None, settings: ChannelSettings | None = None) -> None:
        self._target = target
        self._settings = settings or ChannelSettings()
        self._entered: Link | None = None

    def __enter__(self) -> Self:
        given = self._target
        target = Target(given) if isinstance(given, str) else given or Target.from_environment()
        channel = open_channel(target, self._settings)
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        link, self._entered = self._link, None
        link.channel.close()

    @property
    def _link(self) -> Link:
        if self._entered is None:
            raise RuntimeError("the client is not open; use it as: with DoorwardClient() as doorward: ...")
        return self._entered

    def _picture(self, source: bytes | Path) -> Picture:
        return read_picture(source, self._settings.max_message_bytes)

    def _call(
        self, method: "grpc.UnaryUnaryMultiCallable[_Request, _Response]", request: _Request, timeout_s: float | None
    ) -> _Response:
        check_size(request, self._settings.max_message_bytes)
        deadline_s = self._settings.deadline_s if timeout_s is None else timeout_s
        target, call_id = self._link.target, new_request_id()
        try:
            return method(request, timeout=deadline_s, metadata=call_metadata(target, call_id))
        except grpc.RpcError as error:
            raise rebuild_error(error, target, call_id, request.ByteSize()) from error

    def _stream(self, begin: Callable[[tuple[tuple[str, str], ...]], ResponseStream[_Response]]) -> Iterator[_Response]:
        """One stream to its end; leaving it in the middle cancels it."""
        target, call_id = self._link.target, new_request_id()
        call = begin(call_metadata(target, call_id))
        try:
            yield from call
        except grpc.RpcError as error:
            raise rebuild_error(error, target, call_id) from error
        finally:
            call.cancel()

    def _follow(
        self, begin: Callable[[tuple[tuple[str, str], ...]], ResponseStream[_Response]], resumption: Resumption
    ) -> Iterator[_Response]:
        """Streams one after the other, for as long as it makes sense to come back."""
        while True:
            with resumption.attempt():
                for response in self._stream(begin):
                    resumption.note_response()
                    yield response
            if resumption.is_over:
                return
            time.sleep(resumption.pause_s())
