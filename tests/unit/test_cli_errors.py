"""What `doorward` prints and how it ends when something is wrong."""

import grpc
import pytest

from doorward_api.v1 import device_service_pb2 as device
from doorward_client.reason import KIND_OF_REASON
from doorward_testing.both_clients import picture_file
from doorward_testing.command_line import CommandLine
from doorward_testing.scripted_server import Refusal, ScriptedServer


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture
def doorward(server, capsys):
    return CommandLine(server.target, capsys)


@pytest.fixture
def picture(tmp_path):
    return picture_file(tmp_path)


@pytest.mark.parametrize("reason", KIND_OF_REASON)
def test_every_reason_is_a_document_and_an_exit_code(doorward, server, reason):
    server.answer("GetStatus", Refusal(reason, grpc.StatusCode.UNKNOWN, "why not", metadata={"limit": "5"}))
    run = doorward("status", "--json")
    error = run.document["error"]
    assert set(run.document) == {"error"}
    assert set(error) == {"reason", "message", "metadata"}
    assert (error["reason"], error["message"], error["metadata"]["limit"]) == (reason, "why not", "5")
    later = {"NOT_READY", "PACK_UNAVAILABLE", "OVERLOADED", "STORAGE_FULL", "STORAGE_FAILED", "INFERENCE_FAILED"}
    later |= {"JOURNAL_SLOW", "SLOW_READER", "CAMERA_LOST", "DOOR_FAULT"}
    assert run.exit_code == (70 if reason in later | {"INTERNAL", "DEADLINE_EXCEEDED"} else 2)
    assert run.err == ""


def test_an_error_for_people_says_what_is_wrong_and_what_to_do(doorward, server):
    refusal = Refusal(
        "INTERNAL", grpc.StatusCode.INTERNAL, "it broke", problems={"page_size": "too large"}, retry_after_s=2
    )
    server.answer("GetStatus", refusal)
    run = doorward("status", "--lang", "en")
    assert run.out == ""
    lines = run.err.splitlines()
    assert lines[:4] == [
        "doorward: the daemon failed [INTERNAL]",
        "  it broke",
        "  - page_size: too large",
        "  try again in 2 s",
    ]
    assert server.calls[0].metadata["x-request-id"] in lines[4]
    assert "服务内部故障 [INTERNAL]" in doorward("status", "--lang", "zh").err


def test_problems_and_waits_are_in_the_metadata_as_text(doorward, server):
    refusal = Refusal("FIELD_INVALID", grpc.StatusCode.INVALID_ARGUMENT, problems={"a": "x", "b": "y"}, retry_after_s=2)
    server.answer("GetStatus", refusal)
    metadata = doorward("status", "--json").document["error"]["metadata"]
    assert metadata == {
        "problems": "a: x; b: y",
        "retry_after_s": "2",
        "request_id": server.calls[0].metadata["x-request-id"],
    }


@pytest.mark.parametrize("command", ["identify", "extract", "detect"])
def test_a_refused_picture_is_named_by_its_file(doorward, server, picture, command):
    server.answer(command.capitalize(), Refusal("PICTURE_DAMAGED", grpc.StatusCode.INVALID_ARGUMENT, "cut short"))
    run = doorward(command, picture, "--json")
    error = run.document["error"]
    assert (run.exit_code, error["message"], error["metadata"]["file"]) == (2, f"{picture}: cut short", str(picture))


@pytest.mark.parametrize("name", ["none.jpg", "."])
def test_a_file_that_cannot_be_read_is_a_person_s_to_change(doorward, server, tmp_path, name):
    run = doorward("identify", tmp_path / name, "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (2, "FILE_UNREADABLE")
    assert server.calls == []


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["open-sesame"],
        ["subjects"],
        ["subjects", "show"],
        ["identify"],
        ["verify", "a.jpg"],
        ["verify", "a.jpg", "b.jpg", "--subject", "ada"],
        ["identify", "a.jpg", "--max-candidates", "11"],
        ["enrol", "a.jpg"],
        ["enrol", "--id", "ada"],
        ["status", "--timeout", "0"],
        ["status", "--timeout", "nan"],
        ["status", "--lang", "la"],
        ["status", "--jsn"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_a_document_too(doorward, server, arguments):
    run = doorward(*arguments, "--json")
    assert (run.exit_code, run.document["error"]["reason"], run.err) == (2, "USAGE", "")
    people = doorward(*arguments)
    assert (people.exit_code, people.out) == (2, "")
    assert "usage: doorward" in people.err
    assert server.calls == []


def test_a_wrong_target_and_a_missing_daemon_are_a_person_s_to_change(tmp_path, capsys):
    run = CommandLine("somewhere", capsys)("status", "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (2, "TARGET_INVALID")
    run = CommandLine(f"unix:{tmp_path}/none.sock", capsys)("status", "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (2, "UNREACHABLE")


def test_the_deadline_is_the_callers(doorward, server):
    server.answer("GetStatus", Refusal("", grpc.StatusCode.DEADLINE_EXCEEDED))
    run = doorward("status", "--json", "--timeout", "0.5")
    assert (run.exit_code, run.document["error"]["reason"]) == (70, "DEADLINE_EXCEEDED")


def test_a_bug_is_a_document_too(doorward, server):
    # 0001-01-01 is as early as a Timestamp goes; nothing earlier can be written as RFC 3339.
    response = device.GetStatusResponse()
    response.start_time.seconds = -(10**12)
    server.answer("GetStatus", response)
    run = doorward("status", "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (70, "INTERNAL")
    assert "Traceback" in run.err
