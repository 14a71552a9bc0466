"""Pictures that are asked about twice: answered from memory over a real socket, and never at a door."""

import grpc
import pytest

from doorward_api.v1 import attendance_pb2, attendance_service_pb2, picture_pb2, recognition_service_pb2
from doorward_daemon.rpc import RpcSettings
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import open_stage

ASKED = recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=PICTURE))


async def test_the_second_answer_comes_from_memory_says_so_and_is_redacted_all_the_same(tmp_path):
    async with open_stage(tmp_path) as stage:
        async with stage.client("operator") as operator:
            first = await operator.recognition.Identify(ASKED)
            again = await operator.recognition.Identify(ASKED)
        async with stage.client("viewer") as viewer:
            for_a_viewer = await viewer.recognition.Identify(ASKED)
        assert stage.count("doorward_remembered_answers_total") == 2
        assert len(stage.recogniser.judged) == 1
    assert (first.is_remembered, again.is_remembered, for_a_viewer.is_remembered) == (False, True, True)
    assert again.identification == first.identification
    assert first.identification.match.comparison_score != 0.0
    assert for_a_viewer.identification.match.comparison_score == 0.0


async def test_a_changed_gallery_is_asked_anew(tmp_path):
    async with open_stage(tmp_path) as stage, stage.client("operator") as operator:
        await operator.recognition.Identify(ASKED)
        stage.recogniser.revision += 1
        assert not (await operator.recognition.Identify(ASKED)).is_remembered
        assert len(stage.recogniser.judged) == 2


async def test_memory_can_be_switched_off(tmp_path):
    async with open_stage(tmp_path, RpcSettings(answer_cache_s=0.0)) as stage, stage.client("operator") as operator:
        await operator.recognition.Identify(ASKED)
        assert not (await operator.recognition.Identify(ASKED)).is_remembered


async def test_a_refused_picture_is_not_remembered(tmp_path):
    async with open_stage(tmp_path) as stage, stage.client("operator") as operator:
        stage.recogniser.failure = ValueError("broken for a moment")
        with pytest.raises(grpc.aio.AioRpcError):
            await operator.recognition.Identify(ASKED)
        stage.recogniser.failure = None
        assert not (await operator.recognition.Identify(ASKED)).is_remembered


async def test_a_punch_is_judged_every_time(tmp_path):
    def punch(number: int) -> attendance_service_pb2.PunchRequest:
        return attendance_service_pb2.PunchRequest(
            request_id=f"00000000-0000-4000-8000-{number:012d}",
            picture=picture_pb2.Picture(content=PICTURE),
            direction=attendance_pb2.PUNCH_DIRECTION_IN,
        )

    async with open_stage(tmp_path) as stage, stage.client("operator") as operator:
        first = await operator.attendance.Punch(punch(1))
        second = await operator.attendance.Punch(punch(2))
        assert stage.count("doorward_remembered_answers_total") == 0
    assert first.event.event_id != second.event.event_id
