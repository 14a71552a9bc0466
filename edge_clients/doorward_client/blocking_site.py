"""The part of the blocking client about events, cameras, doors and punches."""

from collections.abc import Iterator
from pathlib import Path

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
from doorward_client.blocking_connection import BlockingConnection, ResponseStream
from doorward_client.frames import Frames, stamp
from doorward_client.request import new_request_id, open_door_request
from doorward_client.resumption import Resumption


class SiteCalls(BlockingConnection):
    """What happens on the site: one method per rpc."""

    def list_events_page(
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
        return self._call(self._link.events.ListEvents, request, timeout_s)

    def list_events(
        self, *, kind: str = "", newest: int = 0, page_size: int = 0, timeout_s: float | None = None
    ) -> Iterator[Event]:
        """Reads recorded events, oldest first, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = self.list_events_page(token, kind=kind, newest=newest, page_size=page_size, timeout_s=timeout_s)
            yield from page.events
            token, more = page.next_page_token, bool(page.next_page_token)

    def watch_events(
        self, cursor: str = "", *, only_new: bool = False, kind: str = "", resume: bool = True
    ) -> Iterator[WatchEventsResponse]:
        """Follows the record from a cursor on, for ever: history, then what happens, without gaps.

        An empty cursor begins with the oldest event that is kept, `only_new` with what happens from now on. Keep the
        cursor of the last response that was dealt with, to go on from there another day. Heartbeats are among the
        responses. With `resume` it comes back by itself, where it was, when the daemon was away.
        """
        place = cursor
        resumption = Resumption(resume)

        def begin(metadata: tuple[tuple[str, str], ...]) -> ResponseStream[WatchEventsResponse]:
            request = WatchEventsRequest(cursor=place, only_new=only_new and not place, kind=kind)
            return self._link.events.WatchEvents(request, metadata=metadata)

        for response in self._follow(begin, resumption):
            place = response.cursor
            yield response

    def list_cameras_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListCamerasResponse:
        """Reads one page of the cameras; an empty token asks for the first."""
        request = ListCamerasRequest(page_size=page_size, page_token=page_token)
        return self._call(self._link.cameras.ListCameras, request, timeout_s)

    def list_cameras(self, *, page_size: int = 0, timeout_s: float | None = None) -> Iterator[Camera]:
        """Reads all cameras, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = self.list_cameras_page(token, page_size=page_size, timeout_s=timeout_s)
            yield from page.cameras
            token, more = page.next_page_token, bool(page.next_page_token)

    def get_snapshot(self, camera_id: str, *, timeout_s: float | None = None) -> GetSnapshotResponse:
        """The newest frame of a camera with what was last seen in it."""
        return self._call(self._link.cameras.GetSnapshot, GetSnapshotRequest(camera_id=camera_id), timeout_s)

    def watch_camera(
        self, camera_id: str, *, max_rate_hz: float = 0.0, with_picture: bool = False, resume: bool = True
    ) -> Iterator[WatchCameraResponse]:
        """Frames of a camera as they are judged, for ever; the newest wins. With `resume` as `watch_events`."""
        request = WatchCameraRequest(camera_id=camera_id, max_rate_hz=max_rate_hz, with_picture=with_picture)

        def begin(metadata: tuple[tuple[str, str], ...]) -> ResponseStream[WatchCameraResponse]:
            return self._link.cameras.WatchCamera(request, metadata=metadata)

        yield from self._follow(begin, Resumption(resume))

    def identify_stream(self, frames: Frames, *, door_id: str = "") -> Iterator[IdentifyStreamResponse]:
        """Judges the frames of one's own camera as they come; ends when they end.

        With a door its policy applies, and it opens. Frames that come faster than they are judged are skipped. It does
        not come back by itself: what was followed is lost with the stream.
        """
        requests = stamp(frames, door_id)

        def begin(metadata: tuple[tuple[str, str], ...]) -> ResponseStream[IdentifyStreamResponse]:
            return self._link.recognition.IdentifyStream(requests, metadata=metadata)

        yield from self._stream(begin)

    def list_doors_page(
        self, page_token: str = "", *, page_size: int = 0, timeout_s: float | None = None
    ) -> ListDoorsResponse:
        """Reads one page of the doors; an empty token asks for the first."""
        request = ListDoorsRequest(page_size=page_size, page_token=page_token)
        return self._call(self._link.access.ListDoors, request, timeout_s)

    def list_doors(self, *, page_size: int = 0, timeout_s: float | None = None) -> Iterator[Door]:
        """Reads all doors, page after page as they are asked for."""
        token, more = "", True
        while more:
            page = self.list_doors_page(token, page_size=page_size, timeout_s=timeout_s)
            yield from page.doors
            token, more = page.next_page_token, bool(page.next_page_token)

    def open_door(
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
        return self._call(self._link.access.OpenDoor, request, timeout_s)

    def punch(
        self,
        picture: bytes | Path,
        direction: PunchDirection.ValueType = PunchDirection.PUNCH_DIRECTION_UNSPECIFIED,
        *,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> PunchResponse:
        """Records who a picture shows as coming or going; nothing is recorded unless somebody is recognised."""
        request = PunchRequest(
            request_id=request_id or new_request_id(), picture=self._picture(picture), direction=direction
        )
        return self._call(self._link.attendance.Punch, request, timeout_s)

    def get_uplink_status(self, *, timeout_s: float | None = None) -> GetUplinkStatusResponse:
        """How the connection to the centre is, and what waits for it."""
        return self._call(self._link.device.GetUplinkStatus, GetUplinkStatusRequest(), timeout_s)
