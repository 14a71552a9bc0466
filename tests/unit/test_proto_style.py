"""The contract keeps the rules of its house, and every change of it is seen."""

import re

import pytest
from google.protobuf import descriptor_pb2

from doorward_daemon.errors import ErrorReason
from doorward_daemon.rpc.roles import Role
from doorward_testing.contract import AT_THE_CENTRE, GOLDEN, contract, golden_text, items

FIELD = descriptor_pb2.FieldDescriptorProto
FILES = {file.name: file for file in contract().file}
MESSAGES = {f".{file.package}.{message.name}": message for file in contract().file for message in file.message_type}
METHODS = [(service, method) for file in contract().file for service in file.service for method in service.method]
RPC_ITEMS = [item for item in items() if item.kind == "rpc"]
NUMBERS = {
    FIELD.TYPE_INT32,
    FIELD.TYPE_INT64,
    FIELD.TYPE_UINT32,
    FIELD.TYPE_UINT64,
    FIELD.TYPE_DOUBLE,
    FIELD.TYPE_FLOAT,
}
CODES = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "RESOURCE_EXHAUSTED",
    "INTERNAL",
)
DEVICE, ADMIN = "device", "admin"
"""The roles at the centre."""
PREFIXES = {"PICTURE_"}
"""Reasons that a comment may name together."""
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")


def fields():
    for message in MESSAGES.values():
        for field in message.field:
            yield message.name, field


def ids(pairs):
    return [f"{first.name}.{second.name}" for first, second in pairs]


def test_the_contract_is_the_committed_one():
    assert golden_text() == GOLDEN.read_text(encoding="utf-8"), "wanted? then run: python tests/golden/update.py"


def test_package_and_folder_are_the_same():
    for name, file in FILES.items():
        assert file.package == "doorward_api.v1"
        assert name.startswith("doorward_api/v1/")
        assert file.syntax == "proto3"


@pytest.mark.parametrize("kind", ["service", "rpc", "message", "field", "oneof", "enum", "value"])
def test_everything_with_a_name_has_a_comment(kind):
    assert [item.name for item in items() if item.kind == kind and not item.comment] == []


def test_every_comment_is_a_sentence():
    assert [item.name for item in items() if item.comment and not item.comment.endswith((".", ":"))] == []


def test_names_are_spelled_as_the_language_spells_them():
    for file in contract().file:
        for service in file.service:
            assert PASCAL.fullmatch(service.name)
            assert service.name.endswith("Service")
            assert file.name.endswith("_service.proto")
        for enum in file.enum_type:
            assert PASCAL.fullmatch(enum.name)
    for name, field in fields():
        assert SNAKE.fullmatch(field.name), f"{name}.{field.name}"
    for _, method in METHODS:
        assert PASCAL.fullmatch(method.name)


@pytest.mark.parametrize(("service", "method"), METHODS, ids=ids(METHODS))
def test_every_rpc_owns_its_request_and_response(service, method):
    assert method.input_type == f".doorward_api.v1.{method.name}Request"
    assert method.output_type == f".doorward_api.v1.{method.name}Response"


def test_enum_values_carry_their_enums_name_and_zero_says_unspecified():
    for file in contract().file:
        for enum in file.enum_type:
            prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
            assert enum.value[0].name == f"{prefix}UNSPECIFIED"
            assert enum.value[0].number == 0
            assert all(value.name.startswith(prefix) for value in enum.value)


def test_moments_and_spans_are_timestamps_and_durations():
    for name, field in fields():
        number = field.type in NUMBERS
        assert not (number and field.name.endswith(("_time", "_at", "_ms", "_s", "_seconds", "_millis"))), name
        if field.name.endswith("_time"):
            assert field.type_name == ".google.protobuf.Timestamp", f"{name}.{field.name}"


def test_sizes_carry_their_unit():
    for name, field in fields():
        if field.type in NUMBERS and re.search(r"width|height|left|right|top|bottom", field.name):
            assert field.name.endswith("_px"), f"{name}.{field.name}"
        if field.type in NUMBERS and re.search(r"memory|bytes", field.name):
            assert field.name.endswith("_bytes"), f"{name}.{field.name}"


def test_numbers_of_removed_fields_are_reserved_with_their_names():
    for message in MESSAGES.values():
        numbers = {field.number for field in message.field}
        reserved = {number for span in message.reserved_range for number in range(span.start, span.end)}
        assert numbers | reserved == set(range(1, max(numbers | reserved, default=0) + 1)), message.name
        assert bool(message.reserved_range) == bool(message.reserved_name), message.name


def test_messages_hold_no_any_and_never_themselves():
    def reaches(start: str, name: str, seen: frozenset[str]) -> bool:
        kinds = {field.type_name for field in MESSAGES[name].field} & set(MESSAGES)
        return start in kinds or any(reaches(start, kind, seen | {kind}) for kind in kinds - seen)

    for name in MESSAGES:
        assert not reaches(name, name, frozenset({name})), f"{name} holds itself: the runtime would recurse on input"
    assert all(field.type_name != ".google.protobuf.Any" for _, field in fields())


@pytest.mark.parametrize("item", RPC_ITEMS, ids=[item.name for item in RPC_ITEMS])
def test_every_rpc_comment_names_its_role_errors_and_whether_it_changes_something(item):
    role = re.search(r"Role: (\w+)\.", item.comment)
    assert role is not None
    at_the_centre = item.name.split(".")[-2] in AT_THE_CENTRE
    assert role.group(1) in ({DEVICE, ADMIN} if at_the_centre else {role.word for role in Role})
    name = item.name.rsplit(".", 1)[1]
    reads = name.startswith(("Get", "List")) or "Changes nothing." in item.comment
    assert reads or "Idempotent." in item.comment
    assert "Errors: " in item.comment or "Changes nothing." in item.comment


def test_the_reasons_that_comments_name_exist():
    known = {reason.value for reason in ErrorReason}
    for item in items():
        if item.kind in ("service", "rpc"):
            named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]*)+\b", item.comment)) - set(CODES)
            assert named <= known | PREFIXES, item.name


def test_every_named_reason_is_followed_by_its_code_as_the_catalogue_says():
    catalogue = {
        item.name.rsplit("ERROR_REASON_", 1)[1]: item.comment.rsplit(" ", 1)[1].rstrip(".")
        for item in items()
        if item.kind == "value" and ".ErrorReason.ERROR_REASON_" in item.name and not item.name.endswith("UNSPECIFIED")
    }
    assert set(catalogue.values()) <= set(CODES)
    for item in items():
        if item.kind in ("service", "rpc"):
            for group, code in re.findall(r"((?:[A-Z_]+, )*[A-Z_]+) \(([A-Z_]+)", item.comment):
                for reason in group.split(", "):
                    if reason in catalogue:
                        assert catalogue[reason] == code, f"{item.name}: {reason}"


def test_every_stream_says_how_it_is_resumed_and_gives_signs_of_life():
    comments = {item.name: item.comment for item in RPC_ITEMS}
    for service, method in METHODS:
        if method.server_streaming:
            comment = comments[f"doorward_api.v1.{service.name}.{method.name}"]
            assert re.search(r"Resumes from|Has no resume point", comment), method.name
            assert re.search(r"heartbeat|every 5 seconds", comment), method.name


def test_lists_paginate():
    for _, method in METHODS:
        if method.name.startswith("List"):
            asked = {field.name for field in MESSAGES[method.input_type].field}
            answered = {field.name for field in MESSAGES[method.output_type].field}
            assert {"page_size", "page_token"} <= asked
            assert "next_page_token" in answered


def test_writes_take_a_request_id():
    writes = ("Create", "Update", "Erase", "Add", "Remove", "Open", "Punch")
    for _, method in METHODS:
        if method.name.startswith(writes):
            first = MESSAGES[method.input_type].field[0]
            assert (first.name, first.number, first.type) == ("request_id", 1, FIELD.TYPE_STRING)
