"""The blocking and the asyncio client against a real server on a Unix socket."""

import inspect
import uuid
from pathlib import Path

import grpc
import pytest

from doorward_api.v1 import access_service_pb2, attendance_service_pb2, event_service_pb2
from doorward_api.v1 import gallery_service_pb2 as gallery
from doorward_api.v1.device_service_pb2 import ListPacksResponse
from doorward_api.v1.recognition_service_pb2 import DetectResponse, IdentifyResponse
from doorward_client import (
    ChannelSettings,
    DoorwardClient,
    InvalidInput,
    Target,
    aio,
)
from doorward_testing import sample_answers
from doorward_testing.both_clients import FLAVOURS, PICTURE, ask_blocking, picture_file
from doorward_testing.scripted_server import SERVICES, Refusal, ScriptedServer

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
CALLS = {
    "Detect": ("detect", [PICTURE], {}),
    "Extract": ("extract", [PICTURE], {}),
    "Verify": ("verify", [PICTURE, PICTURE], {}),
    "Identify": ("identify", [PICTURE], {"max_candidates": 2}),
    "CreateSubject": ("create_subject", ["ada"], {"display_name": "Ada"}),
    "GetSubject": ("get_subject", ["ada"], {}),
    "ListSubjects": ("list_subjects_page", [], {}),
    "UpdateSubject": ("update_subject", ["ada"], {"display_name": "Ada"}),
    "EraseSubject": ("erase_subject", ["ada"], {}),
    "AddReference": ("add_reference", ["ada", PICTURE], {"allow_duplicate": True}),
    "RemoveReference": ("remove_reference", ["ada", "ref-1"], {}),
    "RuleOutDecision": ("rule_out_decision", ("ada", 7), {}),
    "GetStatus": ("get_status", [], {}),
    "GetInfo": ("get_info", [], {}),
    "ListPacks": ("list_packs_page", [], {}),
    "RunSelfTest": ("run_self_test", [], {}),
    "GetUplinkStatus": ("get_uplink_status", [], {}),
    "ListEvents": ("list_events_page", [], {"kind": "access", "newest": 3}),
    "ListCameras": ("list_cameras_page", [], {}),
    "GetSnapshot": ("get_snapshot", ["gate"], {}),
    "ListDoors": ("list_doors_page", [], {}),
    "OpenDoor": ("open_door", ["front"], {"duration_s": 2.5, "note": "a parcel"}),
    "Punch": ("punch", [PICTURE], {}),
}
STREAMS = {"WatchEvents", "WatchCamera", "IdentifyStream"}
"""Tested in test_client_streams.py."""
WRITES = (
    "OpenDoor",
    "Punch",
    "CreateSubject",
    "UpdateSubject",
    "EraseSubject",
    "AddReference",
    "RemoveReference",
    "RuleOutDecision",
)


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    return FLAVOURS[request.param]


@pytest.fixture
def ask(flavour, server):
    return flavour(Target(server.target), None)


def test_every_rpc_of_the_contract_has_a_method():
    assert set(CALLS) | STREAMS == {method.name for service in SERVICES for method in service.methods}


@pytest.mark.parametrize("rpc", CALLS)
def test_a_method_sends_its_request_and_returns_the_response(ask, server, rpc):
    method, arguments, options = CALLS[rpc]
    response = ask(method, *arguments, **options)
    assert type(response).__name__ == f"{rpc}Response"
    (request,) = server.requests(rpc)
    assert type(request).__name__ == f"{rpc}Request"


def test_what_is_given_arrives(ask, server, tmp_path):
    ask("identify", picture_file(tmp_path), max_candidates=3)
    ask("verify", PICTURE, subject_id="ada")
    ask("add_reference", "ada", PICTURE, allow_low_quality=True, request_id="mine")
    ask("update_subject", "ada", display_name="爱达")
    identify, verify = server.requests("Identify")[0], server.requests("Verify")[0]
    assert (identify.picture.content, identify.max_candidates) == (PICTURE, 3)
    assert (verify.probe.content, verify.WhichOneof("reference"), verify.subject_id) == (PICTURE, "subject_id", "ada")
    added = server.requests("AddReference")[0]
    assert (added.request_id, added.allow_low_quality, added.allow_duplicate) == ("mine", True, False)
    update = server.requests("UpdateSubject")[0]
    assert (update.subject.display_name, list(update.update_mask.paths)) == ("爱达", ["display_name"])


@pytest.mark.parametrize("rpc", WRITES)
def test_a_write_is_named_once_and_keeps_its_name_over_a_retry(ask, server, rpc):
    server.answer(rpc, Refusal("NOT_READY", UNAVAILABLE), Refusal("", UNAVAILABLE), _empty(rpc))
    method, arguments, options = CALLS[rpc]
    ask(method, *arguments, **options)
    first, second, third = (request.request_id for request in server.requests(rpc))
    assert uuid.UUID(first) == uuid.UUID(second) == uuid.UUID(third)


def test_two_writes_have_two_names(ask, server):
    ask("erase_subject", "ada")
    ask("erase_subject", "ada")
    first, second = (request.request_id for request in server.requests("EraseSubject"))
    assert first != second


def test_lists_are_read_page_after_page(ask, server):
    server.answer(
        "ListSubjects",
        gallery.ListSubjectsResponse(subjects=[sample_answers.subject("ada")], next_page_token="two"),
        gallery.ListSubjectsResponse(subjects=[sample_answers.subject("bob")]),
    )
    assert [subject.subject_id for subject in ask("list_subjects", page_size=1)] == ["ada", "bob"]
    assert [(page.page_size, page.page_token) for page in server.requests("ListSubjects")] == [(1, ""), (1, "two")]
    server.answer("ListPacks", ListPacksResponse(packs=[sample_answers.COMPACT]))
    assert [pack.name for pack in ask("list_packs")] == ["compact"]
    server.answer(
        "ListEvents",
        event_service_pb2.ListEventsResponse(events=[sample_answers.EVENT], next_page_token="two"),
        event_service_pb2.ListEventsResponse(events=[sample_answers.EVENT]),
    )
    assert [event.seq for event in ask("list_events", kind="access")] == [41, 41]
    assert [page.kind for page in server.requests("ListEvents")] == ["access", "access"]
    assert [ask("list_cameras"), ask("list_doors")] == [[], []]


def test_a_file_that_cannot_be_read_is_named_and_nothing_is_sent(ask, server, tmp_path):
    for file in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(InvalidInput, match=str(file)) as caught:
            ask("identify", file)
        assert caught.value.reason == "FILE_UNREADABLE"
        assert caught.value.metadata == {"file": str(file)}
    assert server.calls == []


def test_what_cannot_be_sent_is_refused_before_it_is(flavour, server, tmp_path):
    ask = flavour(Target(server.target), ChannelSettings(max_message_bytes=1000))
    for picture in (bytes(1001), _file_of(tmp_path, 1001)):
        with pytest.raises(InvalidInput) as caught:
            ask("identify", picture)
        assert (caught.value.reason, caught.value.metadata["limit"]) == ("PICTURE_TOO_LARGE", "1000")
    with pytest.raises(InvalidInput) as caught:
        ask("verify", bytes(600), bytes(600))
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
    assert server.calls == []


def test_a_file_without_end_is_not_read_to_it(flavour, server):
    with pytest.raises(InvalidInput) as caught:
        flavour(Target(server.target), ChannelSettings(max_message_bytes=1000))("identify", Path("/dev/zero"))
    assert (caught.value.reason, caught.value.metadata["file"]) == ("PICTURE_TOO_LARGE", "/dev/zero")


def test_a_picture_of_eight_mebibytes_and_a_large_answer_pass(ask, server):
    server.answer("Detect", DetectResponse(faces=[sample_answers.FACE] * 20_000))
    assert len(ask("detect", bytes(8 * 1024 * 1024)).faces) == 20_000


@pytest.mark.parametrize("options", [{}, {"reference": PICTURE, "subject_id": "ada"}])
def test_a_verification_wants_exactly_one_other_side(ask, server, options):
    with pytest.raises(InvalidInput, match="exactly one") as caught:
        ask("verify", PICTURE, **options)
    assert [problem.field for problem in caught.value.problems] == ["reference"]
    assert server.calls == []


def test_a_path_given_as_text_is_a_mistake_of_the_program(ask):
    with pytest.raises(TypeError, match=r"bytes or as pathlib\.Path, not as str"):
        ask("identify", "visitor.jpg")


def test_both_clients_have_the_same_methods():
    def methods(kind):
        return {
            name: (list(inspect.signature(member).parameters.values()), inspect.getdoc(member))
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert methods(DoorwardClient) == methods(aio.DoorwardClient)


def test_an_identification_comes_back_whole(server):
    server.answer("Identify", IdentifyResponse(identification=sample_answers.MATCHED))
    assert ask_blocking(Target(server.target))("identify", PICTURE).identification == sample_answers.MATCHED


def _empty(rpc):
    modules = (gallery, access_service_pb2, attendance_service_pb2)
    return next(getattr(module, f"{rpc}Response")() for module in modules if hasattr(module, f"{rpc}Response"))


def _file_of(folder, size):
    file = folder / "large.jpg"
    file.write_bytes(bytes(size))
    return file
