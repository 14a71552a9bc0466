"""What is made of a request before any work: checked fields, its fingerprint, its page, its request id."""

import os
import subprocess
import sys

import pytest

from doorward_api.v1 import gallery_service_pb2
from doorward_daemon.errors import DoorwardError, ErrorReason, InvalidInput
from doorward_daemon.rpc.caller import accept_request_id
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.fingerprint import fingerprint_of
from doorward_daemon.rpc.page_token import page_after, read_page_token


def problems_of(checks: FieldChecks) -> list[str]:
    try:
        checks.refuse_if_wrong()
    except InvalidInput as error:
        return [problem.field for problem in error.problems]
    return []


@pytest.mark.parametrize("good", ["a", "A.b-c_9", "x" * 64])
def test_a_good_identity_passes(good):
    checks = FieldChecks()
    checks.identity("subject_id", good)
    assert problems_of(checks) == []


@pytest.mark.parametrize("bad", ["", "x" * 65, "a b", "a/b", "ä", "a\n", "../a"])
def test_a_bad_identity_is_named(bad):
    checks = FieldChecks()
    checks.identity("subject.subject_id", bad)
    assert problems_of(checks) == ["subject.subject_id"]


def test_an_empty_identity_passes_where_the_device_may_make_one():
    checks = FieldChecks()
    checks.identity("subject_id", "", optional=True)
    assert problems_of(checks) == []


@pytest.mark.parametrize(("name", "wrong"), [("", 0), ("陈 Ünal", 0), ("x" * 200, 0), ("x" * 201, 1), ("a\x00b", 1)])
def test_a_display_name_is_short_and_free_of_control_characters(name, wrong):
    checks = FieldChecks()
    checks.display_name("display_name", name)
    assert len(problems_of(checks)) == wrong


@pytest.mark.parametrize(("request_id", "wrong"), [("a", 0), ("x" * 64, 0), ("", 1), ("x" * 65, 1), ("a\tb", 1)])
def test_a_write_needs_a_printable_request_id(request_id, wrong):
    checks = FieldChecks()
    checks.request_id(request_id)
    assert len(problems_of(checks)) == wrong


@pytest.mark.parametrize(
    ("found", "meant", "wrong"), [(0, 100, 0), (1, 1, 0), (500, 500, 0), (501, 501, 1), (-1, -1, 1)]
)
def test_a_count_of_none_means_the_default(found, meant, wrong):
    checks = FieldChecks()
    assert checks.count("page_size", found, most=500, default=100) == meant
    assert len(problems_of(checks)) == wrong


def test_a_long_wrong_value_is_not_repeated_whole():
    checks = FieldChecks()
    checks.identity("subject_id", "?" * 10_000)
    with pytest.raises(DoorwardError) as refused:
        checks.refuse_if_wrong()
    assert len(refused.value.message) < 400


def test_the_fingerprint_ignores_the_request_id_and_nothing_else():
    first = gallery_service_pb2.CreateSubjectRequest(request_id="1", subject_id="ada", display_name="Ada")
    again = gallery_service_pb2.CreateSubjectRequest(request_id="2", subject_id="ada", display_name="Ada")
    other = gallery_service_pb2.CreateSubjectRequest(request_id="1", subject_id="ada", display_name="Ida")
    assert fingerprint_of(first) == fingerprint_of(again)
    assert fingerprint_of(first) != fingerprint_of(other)
    assert len(fingerprint_of(first)) == 32
    assert first.request_id == "1", "the request itself is left alone"


def test_two_kinds_of_write_with_the_same_content_have_different_fingerprints():
    erase = gallery_service_pb2.EraseSubjectRequest(subject_id="ada")
    remove = gallery_service_pb2.RemoveReferenceRequest(subject_id="ada")
    assert erase.SerializeToString() == remove.SerializeToString()
    assert fingerprint_of(erase) != fingerprint_of(remove)


def test_a_page_token_finds_its_way_back():
    assert read_page_token("packs", page_after("packs", "compact")) == "compact"
    assert read_page_token("packs", "") == ""


@pytest.mark.parametrize("token", ["compact", "!", "cGFja3M6", page_after("subjects", "ada"), "ä"])
def test_a_page_token_of_another_list_is_refused(token):
    with pytest.raises(DoorwardError) as refused:
        read_page_token("packs", token)
    assert refused.value.reason is ErrorReason.PAGE_TOKEN_INVALID


def test_a_request_id_is_made_where_none_is_offered():
    assert accept_request_id("mine-1") == "mine-1"
    made = {accept_request_id(offered) for offered in (None, "", "a b", "x" * 65, "a\r\nb")}
    assert len(made) == 5
    assert all(len(request_id) == 32 for request_id in made)


def test_the_parser_that_recurses_on_crafted_input_is_refused():
    code = "from doorward_daemon.rpc.server import require_native_runtime as check; check()"
    env = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "expected upb" in done.stderr
