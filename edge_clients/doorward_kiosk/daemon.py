"""The calls that the page makes, on one channel of the client."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from doorward_api.v1.access_service_pb2 import ListDoorsRequest, ListDoorsResponse
from doorward_api.v1.access_service_pb2_grpc import AccessServiceStub
from doorward_api.v1.camera_service_pb2 import (
    ListCamerasRequest,
    ListCamerasResponse,
    WatchCameraRequest,
    WatchCameraResponse,
)
from doorward_api.v1.camera_service_pb2_grpc import CameraServiceStub
from doorward_api.v1.device_service_pb2 import (
    GetInfoRequest,
    GetInfoResponse,
    GetStatusRequest,
    GetStatusResponse,
    GetUplinkStatusRequest,
    GetUplinkStatusResponse,
)
from doorward_api.v1.device_service_pb2_grpc import DeviceServiceStub
from doorward_api.v1.event_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    WatchEventsRequest,
    WatchEventsResponse,
)
from doorward_api.v1.event_service_pb2_grpc import EventServiceStub
from doorward_client.channel import ChannelSettings, call_metadata, open_aio_channel
from doorward_client.request import new_request_id
from doorward_client.status import rebuild_error
from doorward_client.target import Target

if TYPE_CHECKING:  # these exist for type checkers only
    from doorward_api.v1.access_service_pb2_grpc import AccessServiceAsyncStub
    from doorward_api.v1.camera_service_pb2_grpc import CameraServiceAsyncStub
    from doorward_api.v1.device_service_pb2_grpc import DeviceServiceAsyncStub
    from doorward_api.v1.event_service_pb2_grpc import EventServiceAsyncStub

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)
_ANSWER_S = 3.0
# The daemon sends a sign of life every 5 seconds; keepalive finds a peer that hangs.
_CHANNEL = ChannelSettings(max_attempts=1, keepalive_time_ms=30_000, keepalive_timeout_ms=10_000)


class Daemon:
    """A connection to one daemon, there or not; enter it to open. Failures are raised as `DoorwardError`, by reason.

    Args:
        target: the listener.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._channel = open_aio_channel(target, _CHANNEL)
        self._device: DeviceServiceAsyncStub = DeviceServiceStub(self._channel)
        self._cameras: CameraServiceAsyncStub = CameraServiceStub(self._channel)
        self._access: AccessServiceAsyncStub = AccessServiceStub(self._channel)
        self._events: EventServiceAsyncStub = EventServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def get_status(self) -> GetStatusResponse:
        """How the device is."""
        return await self._call(self._device.GetStatus, GetStatusRequest())

    async def get_info(self) -> GetInfoResponse:
        """What the device is."""
        return await self._call(self._device.GetInfo, GetInfoRequest())

    async def get_uplink_status(self) -> GetUplinkStatusResponse:
        """How the connection to the centre is."""
        return await self._call(self._device.GetUplinkStatus, GetUplinkStatusRequest())

    async def list_cameras(self) -> ListCamerasResponse:
        """The cameras; a box has fewer than one page."""
        return await self._call(self._cameras.ListCameras, ListCamerasRequest())

    async def list_doors(self) -> ListDoorsResponse:
        """The doors; a box has fewer than one page."""
        return await self._call(self._access.ListDoors, ListDoorsRequest())

    async def newest_events(self, count: int, kind: str) -> ListEventsResponse:
        """The newest events of a kind."""
        return await self._call(self._events.ListEvents, ListEventsRequest(newest=count, kind=kind))

    async def watch_new_events(self) -> AsyncGenerator[WatchEventsResponse]:
        """What happens from now on."""
        request = WatchEventsRequest(only_new=True)
        async with aclosing(self._stream(self._events.WatchEvents, request)) as responses:
            async for response in responses:
                yield response

    async def watch_camera(self, camera_id: str, max_rate_hz: float) -> AsyncGenerator[WatchCameraResponse]:
        """Frames of a camera as they are judged, with pictures."""
        request = WatchCameraRequest(camera_id=camera_id, max_rate_hz=max_rate_hz, with_picture=True)
        async with aclosing(self._stream(self._cameras.WatchCamera, request)) as responses:
            async for response in responses:
                yield response

    async def _call(
        self, method: "grpc.aio.UnaryUnaryMultiCallable[_Request, _Response]", request: _Request
    ) -> _Response:
        call_id = new_request_id()
        try:
            return await method(request, timeout=_ANSWER_S, metadata=call_metadata(self.target, call_id))
        except grpc.RpcError as error:
            raise rebuild_error(error, self.target, call_id) from error

    async def _stream(
        self, method: "grpc.aio.UnaryStreamMultiCallable[_Request, _Response]", request: _Request
    ) -> AsyncGenerator[_Response]:
        call_id = new_request_id()
        call = method(request, metadata=call_metadata(self.target, call_id))
        try:
            async for response in call:
                yield response
        except grpc.RpcError as error:
            raise rebuild_error(error, self.target, call_id) from error
        finally:
            call.cancel()
