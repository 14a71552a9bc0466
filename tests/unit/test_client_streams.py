"""Streams of both clients: they come back where they were, and only where that makes sense."""

import grpc
import pytest

from doorward_api.v1 import camera_service_pb2 as camera
from doorward_api.v1 import event_service_pb2 as pb
from doorward_api.v1.identify_stream_pb2 import StreamFrame
from doorward_api.v1.recognition_service_pb2 import IdentifyStreamResponse
from doorward_client import DoorwardClient, InvalidInput, NotFound, Overloaded, Target, Unreachable
from doorward_testing import sample_answers
from doorward_testing.both_clients import FLAVOURS, PICTURE
from doorward_testing.scripted_server import Refusal, ScriptedServer, Story

GONE = Refusal("", grpc.StatusCode.UNAVAILABLE)
SLOW = Refusal("SLOW_READER", grpc.StatusCode.RESOURCE_EXHAUSTED)
STOPPING = Refusal("NOT_READY", grpc.StatusCode.UNAVAILABLE)
END = Refusal("CURSOR_INVALID", grpc.StatusCode.INVALID_ARGUMENT)


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture(params=FLAVOURS)
def ask(request, server):
    return FLAVOURS[request.param](Target(server.target), None)


def told(*cursors: str):
    return tuple(pb.WatchEventsResponse(cursor=cursor, event=sample_answers.EVENT) for cursor in cursors)


@pytest.mark.parametrize("away", [GONE, SLOW, STOPPING, None])
def test_the_record_is_followed_from_where_it_broke(ask, server, away):
    server.answer("WatchEvents", Story(told("a", "b"), away), Story((), away), Story(told("c"), END))
    with pytest.raises(InvalidInput) as caught:
        ask("watch_events", only_new=True, kind="access")
    assert caught.value.reason == "CURSOR_INVALID"
    asked = [(request.cursor, request.only_new, request.kind) for request in server.requests("WatchEvents")]
    assert asked == [("", True, "access"), ("b", False, "access"), ("b", False, "access")]


def test_what_came_before_a_break_is_handed_out_once(server):
    server.answer("WatchEvents", Story(told("a", "b"), GONE), Story(told("c", "d")))
    with DoorwardClient(server.target) as client:
        found = client.watch_events()
        assert [next(found).cursor for _ in range(4)] == ["a", "b", "c", "d"]


def test_a_stream_that_never_worked_is_an_error(ask, server):
    server.answer("WatchEvents", GONE)
    with pytest.raises(Unreachable):
        ask("watch_events")
    assert len(server.calls) == 1


def test_coming_back_can_be_switched_off(ask, server):
    server.answer("WatchEvents", Story(told("a"), SLOW))
    with pytest.raises(Overloaded):
        ask("watch_events", resume=False)
    server.answer("WatchEvents", Story(told("a")))
    assert len(ask("watch_events", resume=False)) == 1


def test_a_camera_is_watched_again_when_the_daemon_is_back(ask, server):
    view = camera.WatchCameraResponse(view=sample_answers.VIEW)
    gone = Refusal("CAMERA_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
    server.answer("WatchCamera", Story((view,), GONE), Story((view,), gone))
    with pytest.raises(NotFound):
        ask("watch_camera", "gate", max_rate_hz=5.0, with_picture=True)
    first, second = server.requests("WatchCamera")
    assert first == second == camera.WatchCameraRequest(camera_id="gate", max_rate_hz=5.0, with_picture=True)


def test_frames_are_numbered_and_stamped_behind_the_settings(ask, server):
    answer = IdentifyStreamResponse(skipped_frames=1)
    server.answer("IdentifyStream", Story((answer,)))
    own = StreamFrame(frame_number=99)
    assert ask("identify_stream", [PICTURE, own, PICTURE], door_id="front") == [answer]
    (sent,) = server.requests("IdentifyStream")
    assert sent[0].settings.door_id == "front"
    assert [message.frame.frame_number for message in sent[1:]] == [1, 99, 2]
    first, third = sent[1].frame, sent[3].frame
    assert (first.encoded.content, sent[2].frame) == (PICTURE, own)
    assert first.capture_offset.ToNanoseconds() <= third.capture_offset.ToNanoseconds()


def test_the_blocking_client_takes_no_asynchronous_frames(server):
    async def frames():
        yield PICTURE

    with DoorwardClient(server.target) as client, pytest.raises(TypeError, match="asyncio client"):
        next(client.identify_stream(frames()))


def test_a_client_goes_on_after_a_stream_that_was_left(server):
    server.answer("WatchEvents", Story(told("a")))
    with DoorwardClient(server.target) as client:
        stream = client.watch_events()
        next(stream)
        stream.close()
        assert client.get_status() is not None
