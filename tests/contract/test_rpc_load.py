"""Bounded work: what happens when there is too much of it, when nobody waits any more, and when the daemon stops."""

import asyncio
from contextlib import AsyncExitStack

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from doorward_api.v1 import device_service_pb2, gallery_service_pb2, picture_pb2, recognition_service_pb2
from doorward_daemon.rpc import RpcSettings
from doorward_testing.rpc_rooms import PICTURE, SLOW_PICTURE
from doorward_testing.rpc_stage import RpcStage, details_of, info_of, open_stage, until


def identify(content: bytes) -> recognition_service_pb2.IdentifyRequest:
    return recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=content))


def named(request_id: str) -> tuple[tuple[str, str], ...]:
    return (("x-request-id", request_id),)


async def until_busy(stage: RpcStage) -> None:
    assert await asyncio.to_thread(stage.recogniser.busy.acquire, timeout=10)


async def until_ended(stage: RpcStage, code: str) -> None:
    """Waits until the server itself has seen a call end; the client knows of its own cancellation sooner."""
    method = "/doorward_api.v1.RecognitionService/Identify"
    await stage.until_counted("doorward_rpc_calls_total", 1, method=method, code=code)


async def test_more_than_fits_into_the_line_is_refused_at_once_and_told_when_to_come_again(tmp_path):
    async with open_stage(tmp_path, RpcSettings(workers=1, max_queued=1)) as stage, stage.client("viewer") as client:
        running = client.recognition.Identify(identify(SLOW_PICTURE))
        await until_busy(stage)
        waiting = client.recognition.Identify(identify(PICTURE))
        # A call of another kind of work passes: it has a line of its own; it also proves that `waiting` has arrived.
        await client.device.GetStatus(device_service_pb2.GetStatusRequest())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(identify(PICTURE))
        stage.recogniser.let_go.set()
        assert (await running).identification.match.subject_id == "ada"
        assert (await waiting).identification.match.subject_id == "ada"
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert info_of(refused.value).reason == "OVERLOADED"
    assert any(isinstance(detail, error_details_pb2.RetryInfo) for detail in details_of(refused.value))


async def test_a_burst_on_one_connection_is_answered_or_refused_with_a_reason_call_by_call(tmp_path):
    async with open_stage(tmp_path) as stage, stage.client("viewer") as client:
        calls = [client.recognition.Identify(identify(PICTURE)) for _ in range(200)]
        found = await asyncio.gather(*calls, return_exceptions=True)
    refused = [answer for answer in found if isinstance(answer, grpc.aio.AioRpcError)]
    assert len(found) == 200
    assert len(refused) < 200
    assert {info_of(error).reason for error in refused} <= {"OVERLOADED"}


async def test_a_call_cancelled_while_it_waits_is_never_judged(tmp_path):
    async with open_stage(tmp_path, RpcSettings(workers=1, max_queued=4)) as stage, stage.client("viewer") as client:
        running = client.recognition.Identify(identify(SLOW_PICTURE), metadata=named("running"))
        await until_busy(stage)
        waiting = client.recognition.Identify(identify(PICTURE), metadata=named("given-up"))
        await client.device.GetStatus(device_service_pb2.GetStatusRequest())
        waiting.cancel()
        await until_ended(stage, "CANCELLED")
        stage.recogniser.let_go.set()
        await running
        await client.recognition.Identify(identify(PICTURE), metadata=named("after"))
    assert stage.recogniser.judged == ["running", "after"]


async def test_a_call_whose_deadline_passes_while_it_waits_is_never_judged(tmp_path):
    async with open_stage(tmp_path, RpcSettings(workers=1, max_queued=4)) as stage, stage.client("viewer") as client:
        running = client.recognition.Identify(identify(SLOW_PICTURE), metadata=named("running"))
        await until_busy(stage)
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await client.recognition.Identify(identify(PICTURE), metadata=named("late"), timeout=0.1)
        await until_ended(stage, "DEADLINE_EXCEEDED")
        stage.recogniser.let_go.set()
        await running
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert stage.recogniser.judged == ["running"]


async def test_a_call_without_a_deadline_does_not_wait_for_ever(tmp_path):
    settings = RpcSettings(workers=1, max_queued=4, max_wait_s=0.05)
    async with open_stage(tmp_path, settings) as stage, stage.client("viewer") as client:
        running = client.recognition.Identify(identify(SLOW_PICTURE))
        await until_busy(stage)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(identify(PICTURE), timeout=2)
        stage.recogniser.let_go.set()
        await running
    assert info_of(refused.value).reason == "OVERLOADED"


async def test_a_thread_stays_taken_until_its_work_is_over_even_when_the_caller_is_gone(tmp_path):
    async with open_stage(tmp_path, RpcSettings(workers=1, max_queued=0)) as stage, stage.client("viewer") as client:
        gone = client.recognition.Identify(identify(SLOW_PICTURE), metadata=named("gone"))
        await until_busy(stage)
        gone.cancel()
        await until_ended(stage, "CANCELLED")
        after = client.recognition.Identify(identify(PICTURE), metadata=named("after"))
        await client.device.GetStatus(device_service_pb2.GetStatusRequest())
        assert stage.recogniser.judged == ["gone"]
        stage.recogniser.let_go.set()
        assert (await after).identification.match.subject_id == "ada"


async def test_judging_does_not_keep_the_gallery_or_the_status_waiting(tmp_path):
    async with open_stage(tmp_path, RpcSettings(workers=1)) as stage, stage.client("operator") as client:
        running = client.recognition.Identify(identify(SLOW_PICTURE))
        await until_busy(stage)
        page = await client.gallery.ListSubjects(gallery_service_pb2.ListSubjectsRequest(), timeout=5)
        status = await client.device.GetStatus(device_service_pb2.GetStatusRequest(), timeout=5)
        stage.recogniser.let_go.set()
        await running
    assert page.total_size == 0
    assert status.pack == "compact"


async def test_when_the_daemon_stops_health_says_so_first_and_calls_in_hand_are_finished(tmp_path):
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(tmp_path, RpcSettings(grace_s=10.0)))
        async with stage.client("viewer") as client:
            watch = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest())
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
            call = client.recognition.Identify(identify(SLOW_PICTURE))
            await until_busy(stage)
            stopping = asyncio.create_task(stack.aclose())
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
            watch.cancel()
            await until(lambda: not (stage.folders.run / "viewer.sock").exists())
            ended, _ = await asyncio.wait({asyncio.ensure_future(call.code())}, timeout=0.1)
            assert not ended, "the call was given up at once, not after the grace"
            stage.recogniser.let_go.set()
            assert (await call).identification.match.subject_id == "ada"
            await stopping


async def test_calls_that_outlive_the_grace_are_ended(tmp_path):
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(tmp_path, RpcSettings(grace_s=0.05)))
        async with stage.client("viewer") as client:
            call = client.recognition.Identify(identify(SLOW_PICTURE))
            await until_busy(stage)
            async with asyncio.timeout(5):
                await stack.aclose()
            with pytest.raises(grpc.aio.AioRpcError):
                await call


async def test_a_call_that_the_line_cannot_answer_in_time_is_refused_before_its_message_is_read(tmp_path):
    settings = RpcSettings(workers=1, max_queued=8, answer_cache_s=0.0)
    async with open_stage(tmp_path, settings) as stage, stage.client("viewer") as client:
        # The line learns how long a picture takes: a whole while.
        first = client.recognition.Identify(identify(SLOW_PICTURE))
        await until_busy(stage)
        asyncio.get_running_loop().call_later(0.5, stage.recogniser.let_go.set)
        await first
        stage.recogniser.let_go.clear()
        running = client.recognition.Identify(identify(SLOW_PICTURE))
        await until_busy(stage)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(identify(PICTURE), timeout=0.4)
        patient = client.recognition.Identify(identify(PICTURE), timeout=30.0)
        await client.device.GetStatus(device_service_pb2.GetStatusRequest())
        stage.recogniser.let_go.set()
        assert (await patient).identification.match.subject_id == "ada"
        await running
    assert info_of(refused.value).reason == "OVERLOADED"
    assert "deadline" in (refused.value.details() or "")
