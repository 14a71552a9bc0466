"""Doors, punches, streams of frames and the uplink over the wire."""

import asyncio

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from doorward_api.v1 import (
    access_pb2,
    access_service_pb2,
    attendance_pb2,
    attendance_service_pb2,
    camera_pb2,
    decision_pb2,
    device_pb2,
    device_service_pb2,
    identify_stream_pb2,
    picture_pb2,
)
from doorward_api.v1 import recognition_service_pb2 as recognition
from doorward_daemon.access import AccessReason
from doorward_daemon.camera import CameraState
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.rpc.client_frame import CaptureClock
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import info_of, open_stage, until

QUICK = RpcSettings(grace_s=1.0, heartbeat_s=0.1, first_message_timeout_s=0.5)
SETTINGS = recognition.IdentifyStreamRequest(settings=identify_stream_pb2.StreamSettings())


def opening(request_id="r1", door_id="front", **more: object):
    return access_service_pb2.OpenDoorRequest(request_id=request_id, door_id=door_id, **more)


def frame(number, content=PICTURE):
    sent = identify_stream_pb2.StreamFrame(frame_number=number, capture_offset=Duration(seconds=number))
    sent.encoded.content = content
    return recognition.IdentifyStreamRequest(frame=sent)


def raw_frame(size, width_px, height_px):
    raw = identify_stream_pb2.RawPicture(bgr=bytes(size), width_px=width_px, height_px=height_px)
    return recognition.IdentifyStreamRequest(frame=identify_stream_pb2.StreamFrame(frame_number=1, raw=raw))


async def read(call):
    async with asyncio.timeout(10):
        response = await call.read()
    assert response is not grpc.aio.EOF
    return response


async def answer(call):
    """The next response that is no sign of life."""
    while True:
        response = await read(call)
        if not response.HasField("heartbeat"):
            return response


async def ended(call):
    """Why a stream ends."""
    try:
        while await read(call):
            pass
    except grpc.aio.AioRpcError as error:
        return info_of(error)


def test_the_states_and_reasons_of_doors_and_cameras_are_the_contracts():
    def wire(names, prefix):
        return {name.removeprefix(prefix) for name in names} - {"UNSPECIFIED"}

    assert wire(access_pb2.AccessReason.keys(), "ACCESS_REASON_") == {reason.value for reason in AccessReason}
    assert wire(camera_pb2.CameraState.keys(), "CAMERA_STATE_") == {state.value for state in CameraState}


async def test_a_door_opens_once_per_request_and_its_event_comes_back(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        request = opening(duration=Duration(seconds=2, nanos=500_000_000), note="a parcel")
        first = await client.access.OpenDoor(request)
        again = await client.access.OpenDoor(request)
        (door,) = (await client.access.ListDoors(access_service_pb2.ListDoorsRequest())).doors
    assert again == first
    assert (first.door.state, first.event.kind, first.event.seq) == (
        access_pb2.DOOR_STATE_UNLOCKED,
        "access.granted",
        1,
    )
    (done,) = stage.doors.openings
    assert (done.duration_s, done.role, done.note) == (2.5, "operator", "a parcel")
    assert (door.door_id, door.display_name, door.liveness_policy) == ("front", "Front door", "preferred")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (opening(door_id="back"), "DOOR_NOT_FOUND"),
        (opening(request_id=""), "FIELD_INVALID"),
        (opening(door_id=""), "FIELD_INVALID"),
        (opening(duration=Duration(seconds=61)), "FIELD_INVALID"),
        (opening(duration=Duration(seconds=-1)), "FIELD_INVALID"),
        (opening(duration=Duration()), "FIELD_INVALID"),
        (opening(duration=Duration(seconds=2**60)), "FIELD_INVALID"),
        (opening(note="\x1b[2J"), "FIELD_INVALID"),
    ],
)
async def test_an_opening_that_cannot_be_is_refused(tmp_path, request_, reason):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.access.OpenDoor(request_)
    assert info_of(caught.value).reason == reason
    assert stage.doors.openings == []


async def test_a_punch_is_recorded_with_its_direction(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        request = attendance_service_pb2.PunchRequest(
            request_id="p1", picture=picture_pb2.Picture(content=PICTURE), direction=attendance_pb2.PUNCH_DIRECTION_IN
        )
        found = await client.attendance.Punch(request)
    assert found.identification.outcome == decision_pb2.OUTCOME_MATCHED
    assert found.event.payload_json == '{"mode":"IN","role":"operator","subject_id":"ada"}'


async def test_the_uplink_is_told_also_to_viewers(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        status = await client.device.GetUplinkStatus(device_service_pb2.GetUplinkStatusRequest())
    assert (status.state, status.unsent_events) == (device_pb2.UPLINK_STATE_CONNECTED, 3)
    assert status.oldest_unsent_age == Duration(seconds=1, nanos=500_000_000)
    assert (status.last_acknowledged_seq, status.last_problem) == (41, "the centre was restarted")
    assert status.connected_time.seconds
    assert (status.attempts, status.quarantined_events, status.HasField("next_attempt_delay")) == (4, 1, False)
    assert [(alarm.kind, alarm.count) for alarm in status.alarms] == [("hole", 2)]


async def test_frames_are_judged_and_a_track_is_decided_once(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.recognition.IdentifyStream()
        settings = identify_stream_pb2.StreamSettings(door_id="front")
        await call.write(recognition.IdentifyStreamRequest(settings=settings))
        told = []
        for number in (1, 2, 3):
            await call.write(frame(number))
            told.append(await answer(call))
            if told[-1].HasField("decision"):
                told.append(await answer(call))
        await call.done_writing()
        async with asyncio.timeout(10):
            assert await call.read() is grpc.aio.EOF
        assert await asyncio.to_thread(stage.judge.closed.acquire, timeout=10)
    assert [response.WhichOneof("message") for response in told] == ["view", "decision", "view", "view"]
    decision = told[1].decision
    assert (decision.frame_number, decision.track_id, decision.access) == (2, 7, access_pb2.ACCESS_DECISION_GRANTED)
    assert decision.access_reason == access_pb2.ACCESS_REASON_IDENTIFIED
    assert decision.identification.outcome == decision_pb2.OUTCOME_MATCHED
    assert told[0].view.tracks[0].evidence == 0.5
    assert stage.count("doorward_identifications_total", outcome="MATCHED", rule="THRESHOLD_AND_MARGIN") == 1


async def test_the_newest_frame_wins_and_the_skipped_are_counted(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        stage.judge.let_go.clear()
        call = client.recognition.IdentifyStream()
        await call.write(SETTINGS)
        await call.write(frame(1))
        assert await asyncio.to_thread(stage.judge.busy.acquire, timeout=10)
        for number in range(2, 8):
            await call.write(frame(number))
        await call.done_writing()
        await client.device.GetInfo(device_service_pb2.GetInfoRequest())
        stage.judge.let_go.set()
        views = []
        while (response := await call.read()) is not grpc.aio.EOF:
            if response.HasField("view"):
                views.append((response.view.frame_number, response.skipped_frames))
    assert views[0][0] == 1
    assert views[-1][0] == 7
    assert len(views) + views[-1][1] == 7


async def test_a_raw_frame_is_taken_as_it_is(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.recognition.IdentifyStream()
        await call.write(SETTINGS)
        await call.write(raw_frame(4 * 2 * 3, 4, 2))
        view = (await answer(call)).view
        call.cancel()
    assert (view.width_px, view.height_px) == (4, 2)
    assert stage.judge.frames[0].bgr_hwc.shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([frame(1)], "FIELD_INVALID"),
        ([recognition.IdentifyStreamRequest()], "FIELD_INVALID"),
        ([], "FIELD_INVALID"),
        ([SETTINGS, SETTINGS], "FIELD_INVALID"),
        ([SETTINGS, raw_frame(23, 4, 2)], "FIELD_INVALID"),
        ([SETTINGS, raw_frame(0, 0, 0)], "FIELD_INVALID"),
        ([SETTINGS, raw_frame(0, -4, -2)], "FIELD_INVALID"),
        ([SETTINGS, frame(1, b"")], "PICTURE_EMPTY"),
        (
            [recognition.IdentifyStreamRequest(settings=identify_stream_pb2.StreamSettings(door_id="x y"))],
            "FIELD_INVALID",
        ),
        (
            [recognition.IdentifyStreamRequest(settings=identify_stream_pb2.StreamSettings(door_id="back"))],
            "DOOR_NOT_FOUND",
        ),
    ],
)
async def test_what_is_no_stream_of_frames_ends_with_its_reason(tmp_path, messages, reason):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.recognition.IdentifyStream()
        for message in messages:
            await call.write(message)
        assert (await ended(call)).reason == reason


async def test_a_client_that_leaves_in_the_middle_of_a_frame_closes_its_session_after_it(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        stage.judge.let_go.clear()
        call = client.recognition.IdentifyStream()
        await call.write(SETTINGS)
        await call.write(frame(1))
        assert await asyncio.to_thread(stage.judge.busy.acquire, timeout=10)
        call.cancel()
        method = "/doorward_api.v1.RecognitionService/IdentifyStream"
        await until(lambda: stage.count("doorward_rpc_calls_total", method=method, code="CANCELLED") == 1)
        assert not stage.judge.closed.acquire(blocking=False)
        stage.judge.let_go.set()
        assert await asyncio.to_thread(stage.judge.closed.acquire, timeout=10)


async def test_a_silent_client_gets_signs_of_life(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        call = client.recognition.IdentifyStream()
        await call.write(SETTINGS)
        for _ in range(3):
            assert (await read(call)).HasField("heartbeat")
        call.cancel()


def test_capture_times_are_of_this_clock_and_never_in_the_future():
    clock = CaptureClock()
    second = 1_000_000_000
    assert clock.captured_ns(5 * second, 100 * second) == 100 * second
    assert clock.captured_ns(6 * second, 101 * second + 300_000_000) == pytest.approx(101 * second, abs=second // 1000)
    early = clock.captured_ns(7 * second, 101 * second + 900_000_000)
    assert early == 101 * second + 900_000_000, "it came sooner than the others: they had waited"


def test_two_clocks_that_drift_apart_do_not_make_frames_old():
    clock = CaptureClock()
    second = 1_000_000_000
    for elapsed in range(0, 24 * 3600, 10):
        slow = elapsed * second - elapsed * second // 20_000
        age = elapsed * second - clock.captured_ns(slow, elapsed * second)
        assert 0 <= age < second // 100
