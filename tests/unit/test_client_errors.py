"""Exceptions are rebuilt by reason."""

import re
from pathlib import Path

import grpc
import pytest

import doorward_client.errors
from doorward_api.v1.error_reason_pb2 import ErrorReason
from doorward_client import ChannelSettings, DoorwardError, FieldProblem, InvalidInput, Overloaded, Target, advice
from doorward_client.channel import RETRIED_METHODS
from doorward_client.reason import CLIENT_REASONS, KIND_OF_REASON
from doorward_testing.both_clients import FLAVOURS
from doorward_testing.scripted_server import SERVICES, Refusal, ScriptedServer

ROOT = Path(__file__).resolve().parents[2]
REASONS = [name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()[1:]]
STATUS_IN_COMMENT = re.compile(r"//[^\n]*?([A-Z_]{5,})\.\n\s+ERROR_REASON_([A-Z_]+) =")
KIND_OF_CODE = {
    "INVALID_ARGUMENT": "InvalidInput",
    "NOT_FOUND": "NotFound",
    "ALREADY_EXISTS": "AlreadyExists",
    "FAILED_PRECONDITION": "Conflict",
    "PERMISSION_DENIED": "Forbidden",
    "UNAUTHENTICATED": "Forbidden",
    "UNAVAILABLE": "NotReady",
    "RESOURCE_EXHAUSTED": "Overloaded",
    "INTERNAL": "Fault",
}
# Waiting does not make a message smaller.
EXCEPTIONS = {"MESSAGE_TOO_LARGE": "InvalidInput"}


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture(params=FLAVOURS)
def ask(request, server):
    return FLAVOURS[request.param](Target(server.target))


def refuse(ask, server, refusal):
    server.answer("GetStatus", refusal)
    with pytest.raises(DoorwardError) as caught:
        ask("get_status")
    return caught.value


def test_every_reason_of_the_contract_has_a_kind_and_no_other_has():
    assert set(KIND_OF_REASON) == {*REASONS, *CLIENT_REASONS}


def test_the_kind_of_a_reason_agrees_with_its_status_in_the_contract():
    text = (ROOT / "proto/doorward_api/v1/error_reason.proto").read_text("utf-8")
    status_of = {reason: code for code, reason in STATUS_IN_COMMENT.findall(text)}
    assert set(status_of) == set(REASONS)
    expected = {reason: KIND_OF_CODE[code] for reason, code in status_of.items()} | EXCEPTIONS
    assert {reason: KIND_OF_REASON[reason].__name__ for reason in REASONS} == expected


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_comes_back_as_its_kind_whatever_the_status(server, reason):
    ask = FLAVOURS["blocking"](Target(server.target))
    error = refuse(ask, server, Refusal(reason, grpc.StatusCode.UNKNOWN, "why", metadata={"a": "b"}))
    assert type(error) is KIND_OF_REASON[reason]
    assert (error.reason, error.message, str(error), error.metadata) == (reason, "why", "why", {"a": "b"})


def test_everything_that_the_daemon_says_comes_back(ask, server):
    error = refuse(
        ask,
        server,
        Refusal(
            "FIELD_INVALID",
            grpc.StatusCode.INVALID_ARGUMENT,
            "the request is wrong in two fields: 错误",
            problems={"page_size": "expected 1..500, found 900", "page_token": "not ours"},
            retry_after_s=3,
        ),
    )
    assert error.message == "the request is wrong in two fields: 错误"
    assert error.problems == (
        FieldProblem("page_size", "expected 1..500, found 900"),
        FieldProblem("page_token", "not ours"),
    )
    assert error.retry_after_s == 3.0
    assert error.request_id == server.calls[0].metadata["x-request-id"]


def test_a_reason_of_a_newer_daemon_keeps_its_name_and_takes_the_kind_of_its_status(ask, server):
    error = refuse(ask, server, Refusal("DOOR_ON_FIRE", grpc.StatusCode.FAILED_PRECONDITION))
    assert (type(error).__name__, error.reason) == ("Conflict", "DOOR_ON_FIRE")


def test_a_reason_of_somebody_else_does_not_count(ask, server):
    error = refuse(ask, server, Refusal("NO_FACE", grpc.StatusCode.NOT_FOUND, domain="googleapis.com"))
    assert (type(error).__name__, error.reason) == ("NotFound", "NOT_FOUND")


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "Unreachable", "UNREACHABLE"),
        (grpc.StatusCode.CANCELLED, "Unreachable", "UNREACHABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "TimedOut", "DEADLINE_EXCEEDED"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "Overloaded", "OVERLOADED"),
        (grpc.StatusCode.UNIMPLEMENTED, "Conflict", "UNIMPLEMENTED"),
        (grpc.StatusCode.PERMISSION_DENIED, "Forbidden", "PERMISSION_DENIED"),
        (grpc.StatusCode.UNKNOWN, "Fault", "UNKNOWN"),
        (grpc.StatusCode.DATA_LOSS, "Fault", "DATA_LOSS"),
    ],
)
def test_a_status_without_a_reason_is_told_by_its_name(server, code, kind, reason):
    error = refuse(FLAVOURS["blocking"](Target(server.target)), server, Refusal("", code))
    assert (type(error).__name__, error.reason) == (kind, reason)


def test_details_that_cannot_be_read_do_not_hide_the_status(ask, server):
    error = refuse(ask, server, Refusal("NO_FACE", grpc.StatusCode.NOT_FOUND, raw_details=b"\xff\xff\xff"))
    assert (type(error).__name__, error.reason) == ("NotFound", "NOT_FOUND")


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = re.findall(r"^[├└]── (\w+)", doorward_client.errors.__doc__, re.MULTILINE)
    assert set(drawn) == {kind.__name__ for kind in DoorwardError.__subclasses__()}
    assert set(drawn) == {kind.__name__ for kind in KIND_OF_REASON.values()}


def test_every_method_that_is_served_is_retried_and_no_other_is_named():
    served = {
        service.full_name: tuple(method.name for method in service.methods if not method.server_streaming)
        for service in SERVICES
    }
    assert {service: set(methods) for service, methods in RETRIED_METHODS.items()} == {
        service: set(methods) for service, methods in served.items()
    }


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (PermissionError(13, "Permission denied"), "this user may not look into /box/run; join the group of the role"),
        (NotADirectoryError(20, "Not a directory"), "there is no socket /box/run/operator.sock; start the daemon"),
        (OSError(40, "Too many levels of symbolic links"), "cannot be used: Too many levels of symbolic links"),
    ],
)
def test_what_keeps_a_person_from_a_socket_is_told_with_what_to_do(problem, expected):
    assert expected in advice._socket_advice(Path("/box/run/operator.sock"), problem)


def test_a_message_too_large_for_the_daemon_is_told_apart_from_too_many_calls(server):
    server.answer("Verify", Refusal("", grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max"))
    ask = FLAVOURS["blocking"](Target(server.target), ChannelSettings(max_message_bytes=64 * 1024 * 1024))
    half = bytes(5 * 1024 * 1024)
    with pytest.raises(InvalidInput) as caught:
        ask("verify", half, half)
    assert caught.value.reason == "MESSAGE_TOO_LARGE"
    assert int(caught.value.metadata["found"]) > int(caught.value.metadata["limit"])
    with pytest.raises(Overloaded) as busy:
        ask("verify", b"small", b"small")
    assert busy.value.reason == "OVERLOADED"
