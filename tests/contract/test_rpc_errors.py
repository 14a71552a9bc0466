"""Failures over real sockets: every reason reaches the client typed, and nothing else does."""

import logging

import grpc
import pytest
from google.protobuf import field_mask_pb2
from google.rpc import error_details_pb2

from doorward_api.v1 import gallery_service_pb2, picture_pb2, recognition_service_pb2
from doorward_daemon.errors import DoorwardError, ErrorReason, FieldProblem
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.rpc.status import CODES
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import details_of, info_of, open_stage

IDENTIFY = recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=PICTURE))
MIB = 1024 * 1024


@pytest.fixture
async def stage(tmp_path):
    async with open_stage(tmp_path, RpcSettings(first_message_timeout_s=0.2, grace_s=1.0)) as stage:
        yield stage


@pytest.mark.parametrize("reason", ErrorReason)
async def test_every_reason_reaches_the_client_with_its_code_and_metadata(stage, reason):
    stage.recogniser.failure = DoorwardError(reason, "what was wrong", metadata={"found": "7"})
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(IDENTIFY)
    info = info_of(refused.value)
    assert refused.value.code() is CODES[reason]
    assert refused.value.details() == "what was wrong"
    assert (info.reason, info.domain, info.metadata["found"]) == (reason.value, "doorward", "7")
    assert info.metadata["request_id"] == refused.value.trailing_metadata()["x-request-id"]


async def test_field_problems_and_retry_times_travel_along(stage):
    stage.recogniser.failure = DoorwardError(
        ErrorReason.FIELD_INVALID, "two", problems=[FieldProblem("a.b", "is wrong")], retry_after_s=1.5
    )
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(IDENTIFY)
    bad, retry = list(details_of(refused.value))[1:]
    assert isinstance(bad, error_details_pb2.BadRequest)
    assert [(violation.field, violation.description) for violation in bad.field_violations] == [("a.b", "is wrong")]
    assert isinstance(retry, error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToMilliseconds() == 1500


@pytest.mark.parametrize("reason", [ErrorReason.NOT_READY, ErrorReason.OVERLOADED])
async def test_errors_that_pass_always_say_when_to_try_again(stage, reason):
    stage.recogniser.failure = DoorwardError(reason, "later")
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(IDENTIFY)
    assert any(isinstance(detail, error_details_pb2.RetryInfo) for detail in details_of(refused.value))


async def test_a_bug_is_logged_whole_and_tells_the_caller_nothing_but_where_to_look(stage, caplog):
    stage.recogniser.failure = RuntimeError("secret of /srv/private.py line 7")
    async with stage.client("viewer") as client:
        with caplog.at_level(logging.ERROR), pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(IDENTIFY, metadata=(("x-request-id", "find-me"),))
    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert info_of(refused.value).reason == "INTERNAL"
    assert info_of(refused.value).metadata["request_id"] == "find-me"
    assert "secret" not in str(refused.value.details()) + str(refused.value.trailing_metadata())
    assert any(record.exc_info and "secret" in str(record.exc_info[1]) for record in caplog.records)


async def test_all_wrong_fields_are_named_at_once(stage):
    request = gallery_service_pb2.UpdateSubjectRequest(update_mask=field_mask_pb2.FieldMask(paths=["revision"]))
    request.subject.subject_id = "no/slashes"
    request.subject.display_name = "x" * 201
    async with stage.client("enroller") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.gallery.UpdateSubject(request)
    bad = next(detail for detail in details_of(refused.value) if isinstance(detail, error_details_pb2.BadRequest))
    assert {violation.field for violation in bad.field_violations} == {
        "request_id",
        "subject.subject_id",
        "subject.display_name",
        "update_mask",
    }


async def test_a_verification_without_a_second_side_is_refused(stage):
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Verify(recognition_service_pb2.VerifyRequest(probe=IDENTIFY.picture))
    assert info_of(refused.value).reason == "FIELD_INVALID"


async def test_bytes_that_are_no_message_are_refused_as_a_wrong_field(stage):
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.channel.unary_unary("/doorward_api.v1.RecognitionService/Identify")(b"\xff\xff\xff")
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(refused.value).reason == "FIELD_INVALID"


async def test_a_call_without_a_message_is_refused(stage):
    async with stage.client("viewer") as client:
        call = client.channel.stream_unary("/doorward_api.v1.RecognitionService/Identify")()
        await call.done_writing()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
    assert info_of(refused.value).reason == "FIELD_INVALID"


async def test_a_caller_that_never_sends_its_message_is_let_go(stage):
    async with stage.client("viewer") as client:
        call = client.channel.stream_unary("/doorward_api.v1.RecognitionService/Identify")(timeout=2)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
    assert info_of(refused.value).reason == "FIELD_INVALID"


async def test_a_message_above_the_limit_is_refused_and_the_connection_lives_on(stage):
    too_large = recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=bytes(9 * MIB + 1)))
    async with stage.client("viewer") as client:
        for _ in range(3):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await client.recognition.Identify(too_large)
            assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert refused.value.initial_metadata()["x-request-id"]
        assert (await client.recognition.Identify(IDENTIFY)).identification.match.subject_id == "ada"
    method = "/doorward_api.v1.RecognitionService/Identify"
    await stage.until_counted("doorward_rpc_calls_total", 3, method=method, code="RESOURCE_EXHAUSTED")


async def test_a_picture_of_eight_mebibytes_fits_into_a_message(stage):
    request = recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=bytes(8 * MIB)))
    async with stage.client("viewer") as client:
        assert (await client.recognition.Identify(request)).identification.match.subject_id == "ada"


async def test_refused_pictures_are_counted_by_reason(stage):
    stage.recogniser.failure = DoorwardError(ErrorReason.PICTURE_DAMAGED, "cut short")
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError):
            await client.recognition.Identify(IDENTIFY)
    await stage.until_counted("doorward_picture_refusals_total", 1, reason="PICTURE_DAMAGED")
