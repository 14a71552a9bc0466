"""The part of the asyncio client about events, cameras, doors and punches."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from doorward_api.v1.access_pb2 import Door
from doorward_api.v1.access_service_pb2 import ListDoorsRequest, ListDoorsResponse, OpenDoorResponse
from doorward_api.v1.attendance_pb2 import PunchDirection
from doorward_api.v1.attendance_service_pb2 import PunchRequest, PunchResponse
from doorward_api.v1.camera_pb2 import Camera
from doorward_api.v1.camera_service_pb2 import (
    GetSnapshotRequest,
    GetSnapshotResponse,
    ListCamerasRequest,
    ListCamerasResponse,
    WatchCameraRequest,
    WatchCameraResponse,
)
from doorward_api.v1.device_service_pb2 import GetUplinkStatusRequest, GetUplinkStatusResponse
from doorward_api.v1.event_pb2 import Event
from doorward_api.v1.event_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    WatchEventsRequest,
    WatchEventsResponse,
)
from doorward_api.v1.recognition_service_pb2 import IdentifyStreamResponse
from doorward_client.aio_connection import AsyncConnection
from doorward_client.frames import Frames, stamp_async
from doorward_client.request import new_request_id, open_door_request
from doorward_client.resumption import Resumption


class SiteCalls(AsyncConnection):
    """What happens on the site: one method per rpc."""

    async def list_events_page(
        self,
        page_token: str = "",
        *,
        kind: str = "",
        newest: int = 0,
        page_size: int = 0,
        timeout_s: float | None = None,
    ) -> ListEventsResponse:
        """Reads one page of recorded events, oldest first; `newest` asks for so many of the last ones instead."""
        request = ListEventsRequest(page_size=page_size, page_token=page_token, kind=kind, newest=newest)
        return await self._call(self._link.events.ListEvents, request, timeout_s)

    async def list_events(
        self, *, kind: str = "", newest: int = 0, page_size: int = 0, timeout_s: float | None = None
    ) -> AsyncIterator[Event]:
        """Reads recorded events, oldest first, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = await self.list_events_page(
                token, kind=kind, newest=newest, page_size=page_size, timeout_s=timeout_s
            )
            for item in page.events:
                yield item
            token, more = page.next_page_token, bool(page.next_page_token)

    async def watch_events(
        self, cursor: str = "", *, only_new: bool = False, kind: str = "", resume: bool = True
    ) -> AsyncIterator[WatchEventsResponse]:
        """Follows the record from a cursor on, for ever: history, then what happens, without gaps.

        An empty cursor begins with the oldest event that is kept, `only_new` with what happens from now on. Keep the
        cursor of the last response that was dealt with, to go on from there another day. Heartbeats are among the
        responses. With `resume` it comes back by itself, where it was, when the daemon was away.
        """
        place = cursor
        resumption = Resumption(resume)

        def begin(metadata: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - as _follow wants it
            request = WatchEventsRequest(cursor=place, only_new=only_new and not place, kind=kind)
            return self._link.events.WatchEvents(request, metadata=metadata)

        async with aclosing(self._follow(begin, WatchEventsResponse, resumption)) as responses:
            async for response in responses:
                place = response.cursor
                yield response

    async def list_cameras_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListCamerasResponse:
        """Reads one page of the cameras; an empty token asks for the first."""
        request = ListCamerasRequest(page_size=page_size, page_token=page_token)
        return await self._call(self._link.cameras.ListCameras, request, timeout_s)

    async def list_cameras(self, *, page_size: int = 0, timeout_s: float | None = None) -> AsyncIterator[Camera]:
        """Reads all cameras, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = await self.list_cameras_page(token, page_size=page_size, timeout_s=timeout_s)
            for item in page.cameras:
                yield item
            token, more = page.next_page_token, bool(page.next_page_token)

    async def get_snapshot(self, camera_id: str, *, timeout_s: float | None = None) -> GetSnapshotResponse:
        """The newest frame of a camera with what was last seen in it."""
        return await self._call(self._link.cameras.GetSnapshot, GetSnapshotRequest(camera_id=camera_id), timeout_s)

    async def watch_camera(
        self, camera_id: str, *, max_rate_hz: float = 0.0, with_picture: bool = False, resume: bool = True
    ) -> AsyncIterator[WatchCameraResponse]:
        """Frames of a camera as they are judged, for ever; the newest wins. With `resume` as `watch_events`."""
        request = WatchCameraRequest(camera_id=camera_id, max_rate_hz=max_rate_hz, with_picture=with_picture)

        def begin(metadata: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - as _follow wants it
            return self._link.cameras.WatchCamera(request, metadata=metadata)

        async with aclosing(self._follow(begin, WatchCameraResponse, Resumption(resume))) as responses:
            async for response in responses:
                yield response

    async def identify_stream(self, frames: Frames, *, door_id: str = "") -> AsyncIterator[IdentifyStreamResponse]:
        """Judges the frames of one's own camera as they come; ends when they end.

        With a door its policy applies, and it opens. Frames that come faster than they are judged are skipped. It does
        not come back by itself: what was followed is lost with the stream.
        """
        requests = stamp_async(frames, door_id)

        def begin(metadata: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - as _follow wants it
            return self._link.recognition.IdentifyStream(requests, metadata=metadata)

        async with aclosing(self._stream(begin, IdentifyStreamResponse)) as responses:
            async for response in responses:
                yield response

    async def list_doors_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListDoorsResponse:
        """Reads one page of the doors; an empty token asks for the first."""
        request = ListDoorsRequest(page_size=page_size, page_token=page_token)
        return await self._call(self._link.access.ListDoors, request, timeout_s)

    async def list_doors(self, *, page_size: int = 0, timeout_s: float | None = None) -> AsyncIterator[Door]:
        """Reads all doors, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = await self.list_doors_page(token, page_size=page_size, timeout_s=timeout_s)
            for item in page.doors:
                yield item
            token, more = page.next_page_token, bool(page.next_page_token)

    async def open_door(
        self,
        door_id: str,
        *,
        duration_s: float | None = None,
        note: str = "",
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> OpenDoorResponse:
        """Opens a door for a moment; without a duration for as long as it is configured to."""
        request = open_door_request(door_id, duration_s, note, request_id)
        return await self._call(self._link.access.OpenDoor, request, timeout_s)

    async def punch(
        self,
        picture: bytes | Path,
        direction: PunchDirection.ValueType = PunchDirection.PUNCH_DIRECTION_UNSPECIFIED,
        *,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> PunchResponse:
        """Records who a picture shows as coming or going; nothing is recorded unless somebody is recognised."""
        request = PunchRequest(
            request_id=request_id or new_request_id(), picture=await self._picture(picture), direction=direction
        )
        return await self._call(self._link.attendance.Punch, request, timeout_s)

    async def get_uplink_status(self, *, timeout_s: float | None = None) -> GetUplinkStatusResponse:
        """How the connection to the centre is, and what waits for it."""
        return await self._call(self._link.device.GetUplinkStatus, GetUplinkStatusRequest(), timeout_s)
