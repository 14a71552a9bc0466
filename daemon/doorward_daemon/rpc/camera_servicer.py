"""CameraService over the cameras."""

from collections.abc import AsyncIterator

from doorward_api.v1 import camera_pb2, camera_service_pb2_grpc
from doorward_api.v1 import camera_service_pb2 as pb
from doorward_daemon.model.camera_view import CameraView
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.caller import CALLER
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.newest_view import NewestView
from doorward_daemon.rpc.page_token import cut_page
from doorward_daemon.rpc.ports import CameraDesk
from doorward_daemon.rpc.roles import Role
from doorward_daemon.rpc.wire_camera import wire_camera, wire_view
from doorward_daemon.rpc.work_queue import WorkQueue

_MOST_CAMERAS = 100
_MOST_HZ = 30.0
_DEFAULT_HZ = 10.0


class CameraServicer(camera_service_pb2_grpc.CameraServiceServicer):
    """Shows the cameras.

    Args:
        desk: knows them.
        pictures: line of the pictures to encode.
        heartbeat_s: longest silence of a stream, seconds.
    """

    def __init__(self, desk: CameraDesk, pictures: WorkQueue, heartbeat_s: float) -> None:
        self._desk = desk
        self._pictures = pictures
        self._heartbeat_s = heartbeat_s

    async def ListCameras(self, request: pb.ListCamerasRequest, context: Context) -> pb.ListCamerasResponse:
        """The cameras, in the order of the configuration."""
        checks = FieldChecks()
        page_size = checks.count("page_size", request.page_size, most=_MOST_CAMERAS, default=_MOST_CAMERAS)
        checks.refuse_if_wrong()
        entries = self._desk.statuses()
        page, token = cut_page("cameras", entries, lambda entry: entry.status.camera_id, page_size, request.page_token)
        return pb.ListCamerasResponse(cameras=[wire_camera(entry) for entry in page], next_page_token=token)

    async def GetSnapshot(self, request: pb.GetSnapshotRequest, context: Context) -> pb.GetSnapshotResponse:
        """The newest frame with its picture."""
        checks = FieldChecks()
        checks.identity("camera_id", request.camera_id)
        checks.refuse_if_wrong()

        def look() -> tuple[CameraView, bytes]:
            view = self._desk.snapshot(request.camera_id)
            return view, view.encode()

        view, jpeg = await self._pictures.run(look)
        return pb.GetSnapshotResponse(view=wire_view(view, jpeg, 0))

    async def WatchCamera(
        self, request: pb.WatchCameraRequest, context: Context
    ) -> AsyncIterator[pb.WatchCameraResponse]:
        """Frames as they are judged; the newest wins."""
        checks = FieldChecks()
        checks.identity("camera_id", request.camera_id)
        checks.number("max_rate_hz", request.max_rate_hz, least=0.0, most=_MOST_HZ)
        checks.refuse_if_wrong()
        with_picture = request.with_picture and CALLER.get().role >= Role.OPERATOR
        newest = NewestView(1.0 / (request.max_rate_hz or _DEFAULT_HZ))
        unsubscribe = self._desk.watch(request.camera_id, newest.put)
        try:
            while True:
                view = await newest.take(self._heartbeat_s)
                if view is None:
                    nothing = camera_pb2.CameraView(camera_id=request.camera_id, skipped_views=newest.skipped)
                    yield pb.WatchCameraResponse(view=nothing)
                    continue
                jpeg = await self._pictures.run(view.encode) if with_picture else b""
                yield pb.WatchCameraResponse(view=wire_view(view, jpeg, newest.skipped))
        finally:
            unsubscribe()
