"""Cameras over the wire: lists, snapshots, and watching with back-pressure."""

import asyncio

import grpc
import pytest

from doorward_api.v1 import camera_pb2, decision_pb2, quality_pb2
from doorward_api.v1 import camera_service_pb2 as pb
from doorward_daemon.rpc import RpcSettings
from doorward_testing.rpc_site import JPEG
from doorward_testing.rpc_stage import info_of, open_stage, until

QUICK = RpcSettings(grace_s=1.0, heartbeat_s=0.1)


async def read(call):
    async with asyncio.timeout(10):
        response = await call.read()
    assert response is not grpc.aio.EOF
    return response.view


async def frame(call):
    """The next view with a frame."""
    while True:
        view = await read(call)
        if view.frame_number:
            return view


async def test_cameras_are_listed_in_the_order_of_the_configuration(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        first = await client.cameras.ListCameras(pb.ListCamerasRequest(page_size=1))
        second = await client.cameras.ListCameras(pb.ListCamerasRequest(page_size=1, page_token=first.next_page_token))
    (gate,), (yard,) = first.cameras, second.cameras
    assert (gate.camera_id, gate.door_id, gate.state) == ("gate", "front", camera_pb2.CAMERA_STATE_STREAMING)
    assert (gate.frames, gate.dropped_frames, gate.reconnects, gate.frame_rate_hz) == (90, 2, 1, 29.5)
    assert (yard.state, yard.problem) == (camera_pb2.CAMERA_STATE_LOST, "no such device")
    assert second.next_page_token == ""


async def test_a_snapshot_has_its_picture_and_what_was_seen(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        view = (await client.cameras.GetSnapshot(pb.GetSnapshotRequest(camera_id="gate"))).view
    (track,) = view.tracks
    assert (view.jpeg, view.width_px, view.height_px) == (JPEG, 640, 480)
    assert (track.track_id, track.outcome, track.display_name) == (7, decision_pb2.OUTCOME_MATCHED, "Ada Lovelace")
    assert list(track.guidance) == [quality_pb2.GUIDANCE_COME_CLOSER]
    assert track.face.quality.score == pytest.approx(0.83)


@pytest.mark.parametrize(
    ("camera", "reason"), [("roof", "CAMERA_NOT_FOUND"), ("yard", "CAMERA_LOST"), ("a b", "FIELD_INVALID")]
)
async def test_a_camera_that_gives_no_picture_is_one_error(tmp_path, camera, reason):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.cameras.GetSnapshot(pb.GetSnapshotRequest(camera_id=camera))
    assert info_of(caught.value).reason == reason


async def test_a_watcher_sees_the_newest_frame_and_is_told_what_it_missed(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="gate", max_rate_hz=30))
        await read(call)
        stage.cameras.show(1)
        assert (await frame(call)).frame_number == 1
        await asyncio.sleep(0.05)  # longer than the interval of its rate: what comes now may be taken at once
        for number in range(2, 12):
            stage.cameras.show(number)
        view = await frame(call)
        assert (view.frame_number, view.skipped_views) == (11, 9)
        assert view.jpeg == b""
    assert stage.cameras.encoded == 0, "nobody wanted a picture"


async def test_views_above_the_rate_asked_for_are_no_loss(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="gate", max_rate_hz=2))
        await until(lambda: stage.cameras.watchers == 1)
        stage.cameras.show(1)
        assert (await frame(call)).frame_number == 1
        stage.cameras.show(2)
        stage.cameras.show(3)
        view = await frame(call)
    assert (view.frame_number, view.skipped_views) == (3, 0)


@pytest.mark.parametrize(("role", "jpeg"), [("viewer", b""), ("operator", JPEG)])
async def test_pictures_are_for_operators(tmp_path, role, jpeg):
    async with open_stage(tmp_path, QUICK) as stage, stage.client(role) as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="gate", with_picture=True))
        await until(lambda: stage.cameras.watchers == 1)
        stage.cameras.show(1)
        view = await frame(call)
        assert view.jpeg == jpeg
        assert stage.cameras.encoded == bool(jpeg)
        assert view.tracks[0].face.HasField("detection_score") == (role == "operator")


async def test_a_silent_camera_gives_signs_of_life(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="yard"))
        for _ in range(3):
            assert await read(call) == camera_pb2.CameraView(camera_id="yard")


async def test_a_watcher_that_leaves_is_forgotten(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="gate"))
        await until(lambda: stage.cameras.watchers == 1)
        call.cancel()
        await until(lambda: stage.cameras.watchers == 0)


@pytest.mark.parametrize("rate", [-1.0, 31.0, float("nan")])
async def test_a_rate_that_is_none_is_refused(tmp_path, rate):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        call = client.cameras.WatchCamera(pb.WatchCameraRequest(camera_id="gate", max_rate_hz=rate))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert info_of(caught.value).reason == "FIELD_INVALID"
