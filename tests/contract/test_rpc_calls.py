"""The contract over real sockets: what calls answer, to whom, and what their responses carry."""

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from doorward_api.v1 import decision_pb2, device_service_pb2, gallery_service_pb2, picture_pb2, recognition_service_pb2
from doorward_daemon.rpc import PIPELINE
from doorward_daemon.rpc.roles import METHOD_RULES, Role, Work
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import RpcStage, info_of, open_stage

ROLES = [role.word for role in Role]
OURS = {method: rule for method, rule in METHOD_RULES.items() if rule.work is not Work.NONE}
IDENTIFY = recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=PICTURE))


@pytest.fixture
async def stage(tmp_path):
    async with open_stage(tmp_path) as stage:
        yield stage


async def outcome_of(stage: RpcStage, role: str, method: str) -> tuple[grpc.StatusCode, str]:
    async with stage.client(role) as client:
        try:
            # A stream would go on: a message that is none ends it.
            await client.channel.unary_unary(method)(b"\xff" if OURS[method].work is Work.STREAM else b"")
        except grpc.aio.AioRpcError as error:
            return error.code(), info_of(error).reason
        return grpc.StatusCode.OK, ""


@pytest.mark.parametrize("method", OURS)
async def test_every_method_is_open_to_its_role_and_above_and_to_nobody_else(stage, method):
    for role in Role:
        code, reason = await outcome_of(stage, role.word, method)
        allowed = role >= OURS[method].role
        assert (reason != "ROLE_NOT_ALLOWED") == allowed
        assert (code is not grpc.StatusCode.PERMISSION_DENIED) == allowed


async def test_a_refused_role_is_told_which_one_is_needed(stage):
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.gallery.EraseSubject(gallery_service_pb2.EraseSubjectRequest())
    info = info_of(refused.value)
    assert info.domain == "doorward"
    assert (info.metadata["role"], info.metadata["required_role"]) == ("viewer", "enroller")


async def test_a_refused_role_costs_no_work_and_no_place_in_the_line(stage):
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError):
            await client.recognition.Detect(recognition_service_pb2.DetectRequest(picture=IDENTIFY.picture))
    assert stage.recogniser.judged == []


async def test_a_viewer_is_told_whom_a_picture_shows_and_no_score(stage):
    async with stage.client("viewer") as client:
        found = (await client.recognition.Identify(IDENTIFY)).identification
    assert found.outcome == decision_pb2.OUTCOME_MATCHED
    assert (found.match.subject_id, found.match.display_name) == ("ada", "Ada Lovelace")
    assert found.face.quality.reasons
    assert found.face.quality.guidance
    assert not found.match.HasField("comparison_score")
    assert not found.match.HasField("similarity")
    assert not found.face.HasField("detection_score")
    assert not found.face.quality.HasField("score")
    assert not found.face.liveness.HasField("score")
    assert not found.HasField("explanation")
    assert not found.candidates


async def test_an_operator_is_told_scores_and_reasons(stage):
    async with stage.client("operator") as client:
        found = (await client.recognition.Identify(IDENTIFY)).identification
    assert found.match.comparison_score == pytest.approx(0.71)
    assert found.explanation.rule == decision_pb2.DECISION_RULE_THRESHOLD_AND_MARGIN
    assert found.explanation.stage_times[0].duration.ToMicroseconds() == 1250
    assert found.candidates[0].similarity == pytest.approx(0.93)
    assert found.face.quality.components[0].score == 77


async def test_a_verification_answers_with_the_poor_side(stage):
    request = recognition_service_pb2.VerifyRequest(probe=IDENTIFY.picture, reference_picture=IDENTIFY.picture)
    async with stage.client("operator") as client:
        found = (await client.recognition.Verify(request)).verification
    assert found.outcome == decision_pb2.VERIFICATION_OUTCOME_LOW_QUALITY
    assert list(found.poor_sides) == [decision_pb2.VERIFICATION_SIDE_REFERENCE]
    assert not found.trusted


async def test_extraction_answers_feature_quality_resolution_and_area(stage):
    async with stage.client("operator") as client:
        found = await client.recognition.Extract(recognition_service_pb2.ExtractRequest(picture=IDENTIFY.picture))
    assert list(found.feature) == pytest.approx([0.6, 0.8])
    assert (found.resolution.width_px, found.resolution.height_px) == (640, 480)
    assert found.detected_face_area_ratio == pytest.approx(80 * 90 / (640 * 480))
    assert found.quality_score == pytest.approx(0.83)


async def test_no_number_of_candidates_means_three_and_eleven_are_refused(stage):
    async with stage.client("viewer") as client:
        await client.recognition.Identify(IDENTIFY)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(
                recognition_service_pb2.IdentifyRequest(picture=IDENTIFY.picture, max_candidates=11)
            )
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(refused.value).reason == "FIELD_INVALID"


async def test_the_callers_request_id_comes_back_and_reaches_the_work(stage):
    async with stage.client("viewer") as client:
        call = client.recognition.Identify(IDENTIFY, metadata=(("x-request-id", "gate-7.42"),))
        await call
        initial, trailing = await call.initial_metadata(), await call.trailing_metadata()
    assert initial["x-request-id"] == trailing["x-request-id"] == "gate-7.42"
    assert stage.recogniser.judged == ["gate-7.42"]


@pytest.mark.parametrize("offered", ["", "has space", "x" * 65, "semi;colon"])
async def test_a_request_id_that_is_not_sane_is_replaced(stage, offered):
    async with stage.client("viewer") as client:
        call = client.recognition.Identify(IDENTIFY, metadata=(("x-request-id", offered),))
        await call
        given = (await call.trailing_metadata())["x-request-id"]
    assert given
    assert given != offered


async def test_refusals_and_unknown_methods_carry_the_request_id_too(stage):
    async with stage.client("viewer") as client:
        for method in ("/doorward_api.v1.GalleryService/GetSubject", "/doorward_api.v1.NoService/NoMethod"):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await client.channel.unary_unary(method)(b"", metadata=(("x-request-id", "mine"),))
            assert refused.value.initial_metadata()["x-request-id"] == "mine"
            assert refused.value.trailing_metadata()["x-request-id"] == "mine"


async def test_an_unknown_method_is_unimplemented_and_makes_no_label_of_its_own(stage):
    async with stage.client("viewer") as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.channel.unary_unary("/doorward_api.v1.NoService/NoMethod")(b"")
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    await stage.until_counted("doorward_rpc_calls_total", 1, method="unknown", code="UNIMPLEMENTED")


async def test_each_listener_says_which_role_it_is_for(stage):
    for role in ROLES:
        async with stage.client(role) as client:
            info = await client.device.GetInfo(device_service_pb2.GetInfoRequest())
        assert info.role == role
        assert info.api_version == "doorward_api.v1"
        assert info.max_message_bytes == 9 * 1024 * 1024


async def test_the_status_tells_state_runtime_gallery_and_self_test(stage):
    async with stage.client("viewer") as client:
        status = await client.device.GetStatus(device_service_pb2.GetStatusRequest())
    assert status.uptime.ToMilliseconds() == 12_500
    assert status.runtime.actual_device == "cpu"
    assert status.gallery.foreign_references == 1
    assert status.self_test.passed
    assert status.start_time.ToJsonString() == "2026-03-01T12:30:15.250Z"


async def test_the_calibration_in_force_is_told_to_operators_and_withheld_from_viewers(stage):
    async with stage.client("operator") as client:
        told = await client.device.GetStatus(device_service_pb2.GetStatusRequest())
    assert (told.calibration.origin, told.calibration.search_threshold) == ("site 2026-11-01", 0.44)
    async with stage.client("viewer") as client:
        withheld = await client.device.GetStatus(device_service_pb2.GetStatusRequest())
    assert not withheld.HasField("calibration")


async def test_packs_come_page_by_page_in_the_order_of_their_names(stage):
    names, token = [], ""
    async with stage.client("operator") as client:
        for _ in range(2):
            page = await client.device.ListPacks(device_service_pb2.ListPacksRequest(page_size=1, page_token=token))
            names += [pack.name for pack in page.packs]
            token = page.next_page_token
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.device.ListPacks(device_service_pb2.ListPacksRequest(page_token="not a token"))
    assert (names, token) == (["compact", "starter"], "")
    assert info_of(refused.value).reason == "PAGE_TOKEN_INVALID"


async def test_a_pack_tells_its_models_and_its_threshold(stage):
    async with stage.client("operator") as client:
        packs = (await client.device.ListPacks(device_service_pb2.ListPacksRequest())).packs
    assert packs[0].installed
    assert packs[0].models[0].role == "detector"
    assert packs[0].threshold_at_fmr_1e3 == pytest.approx(0.42)


async def test_eight_calls_at_once_are_all_answered(stage):
    def identify(number: int) -> recognition_service_pb2.IdentifyRequest:
        # Other bytes each: the same ones would be answered from memory.
        return recognition_service_pb2.IdentifyRequest(picture=picture_pb2.Picture(content=PICTURE + bytes([number])))

    async with stage.client("viewer") as client:
        calls = [client.recognition.Identify(identify(n), metadata=(("x-request-id", f"call-{n}"),)) for n in range(8)]
        found = await asyncio.gather(*calls)
    assert {answer.identification.match.subject_id for answer in found} == {"ada"}
    assert sorted(stage.recogniser.judged) == [f"call-{n}" for n in range(8)]


async def test_the_health_of_process_and_pipeline_is_told_on_every_socket(stage):
    serving = health_pb2.HealthCheckResponse.SERVING
    for role in ROLES:
        async with stage.client(role) as client:
            health = health_pb2_grpc.HealthStub(client.channel)
            for service in ("", PIPELINE):
                assert (await health.Check(health_pb2.HealthCheckRequest(service=service))).status == serving
            with pytest.raises(grpc.aio.AioRpcError) as unknown:
                await health.Check(health_pb2.HealthCheckRequest(service="doorward.unheard_of"))
            assert unknown.value.code() is grpc.StatusCode.NOT_FOUND
            assert unknown.value.trailing_metadata()["x-request-id"]


async def test_a_watcher_hears_when_the_pipeline_fails_and_work_is_refused_meanwhile(stage):
    async with stage.client("viewer") as client:
        watch = health_pb2_grpc.HealthStub(client.channel).Watch(health_pb2.HealthCheckRequest(service=PIPELINE))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        await stage.server.health.set(PIPELINE, serving=False)
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.recognition.Identify(IDENTIFY)
        watch.cancel()
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert info_of(refused.value).reason == "NOT_READY"


async def test_reflection_lists_the_services_on_unix_sockets(stage):
    async with stage.client("viewer") as client:
        call = reflection_pb2_grpc.ServerReflectionStub(client.channel).ServerReflectionInfo()
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        answer = await call.read()
        await call.done_writing()
    names = {service.name for service in answer.list_services_response.service}
    assert "doorward_api.v1.RecognitionService" in names
    assert "grpc.health.v1.Health" in names


async def test_outcomes_stages_and_calls_are_counted(stage):
    async with stage.client("viewer") as client:
        await client.recognition.Identify(IDENTIFY)
    assert stage.count("doorward_identifications_total", outcome="MATCHED", rule="THRESHOLD_AND_MARGIN") == 1
    assert stage.count("doorward_quality_reasons_total", reason="BLUR") == 1
    assert stage.count("doorward_stage_duration_seconds_count", stage="detect") == 1
    method = "/doorward_api.v1.RecognitionService/Identify"
    assert stage.count("doorward_rpc_calls_total", method=method, code="OK") == 1
    assert stage.count("doorward_rpc_duration_seconds_count", method=method) == 1
