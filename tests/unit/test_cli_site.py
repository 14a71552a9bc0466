"""The commands of `doorward` that stream, write files, or take directions."""

import json

import pytest

from doorward_api.v1 import camera_service_pb2, event_service_pb2
from doorward_api.v1.attendance_pb2 import PunchDirection
from doorward_client import document_of
from doorward_testing import sample_answers
from doorward_testing.both_clients import picture_file
from doorward_testing.command_line import CommandLine
from doorward_testing.scripted_server import Refusal, ScriptedServer, Story

Told = event_service_pb2.WatchEventsResponse
TOLD = (
    Told(cursor="one", event=sample_answers.EVENT),
    Told(cursor="two", gap=event_service_pb2.EventGap(from_seq=2, to_seq=5, reason="EVENT_GAP_REASON_RETENTION")),
    Told(cursor="three", gap=event_service_pb2.EventGap(from_seq=9, reason="EVENT_GAP_REASON_NEW_EPOCH")),
    Told(cursor="four", heartbeat=event_service_pb2.EventHeartbeat(last_seq=41)),
)


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture
def doorward(server, capsys):
    return CommandLine(server.target, capsys)


def test_watching_prints_one_document_per_line_and_ends_with_the_error(doorward, server):
    server.answer("WatchEvents", Story(TOLD, Refusal("STORAGE_FAILED")))
    run = doorward("events", "watch", "--json", "--kind", "access", "--cursor", "zero")
    documents = [json.loads(line) for line in run.out.splitlines()]
    assert documents[:-1] == [document_of(told) for told in TOLD]
    assert documents[-1]["error"]["reason"] == "STORAGE_FAILED"
    assert run.exit_code == 70
    (asked,) = server.requests("WatchEvents")
    assert (asked.cursor, asked.kind, asked.only_new) == ("zero", "access", False)


def test_people_read_events_and_gaps_and_no_signs_of_life(doorward, server):
    server.answer("WatchEvents", Story(TOLD, Refusal("STORAGE_FAILED")))
    lines = doorward("events", "watch", "--lang", "en").out.splitlines()
    assert lines == [
        "      41  2026-03-04 05:06:07 UTC  access.granted        MATCHED; ada; front",
        "2 to 5 are missing: kept no longer here",
        "from 9 on unknown: the record was begun anew",
    ]


def test_a_snapshot_lies_in_its_file_and_not_in_the_document(doorward, server, tmp_path):
    response = camera_service_pb2.GetSnapshotResponse(view=sample_answers.VIEW)
    server.answer("GetSnapshot", response)
    file = tmp_path / "gate.jpg"
    run = doorward("snapshot", "gate", "-o", file, "--json")
    assert file.read_bytes() == sample_answers.VIEW.jpeg
    assert run.document["view"]["jpeg"] == ""
    assert run.document["view"]["tracks"][0]["outcome"] == "MATCHED"
    words = doorward("snapshot", "gate", "-o", file, "--lang", "en").out
    assert "come closer" in words
    assert str(file) in words


def test_a_snapshot_that_cannot_be_written_names_the_file(doorward, server, tmp_path):
    run = doorward("snapshot", "gate", "-o", tmp_path, "--json")
    assert (run.exit_code, run.document["error"]["metadata"]["file"]) == (2, str(tmp_path))


@pytest.mark.parametrize(("option", "direction"), [("--in", "IN"), ("--out", "OUT")])
def test_a_punch_has_its_direction(doorward, server, tmp_path, option, direction):
    doorward("punch", picture_file(tmp_path), option)
    assert server.requests("Punch")[0].direction == PunchDirection.Value(f"PUNCH_DIRECTION_{direction}")


def test_a_punch_of_nobody_says_that_nothing_was_recorded(doorward, server, tmp_path):
    assert "nothing was recorded" in doorward("punch", picture_file(tmp_path), "--in", "--lang", "en").out


def test_arguments_of_doors_and_lists_arrive(doorward, server):
    doorward("door", "open", "front", "--duration", "2.5", "--note", "a parcel")
    doorward("events", "list", "--newest", "7", "--kind", "door")
    (opened,), (listed,) = server.requests("OpenDoor"), server.requests("ListEvents")
    assert (opened.duration.seconds, opened.duration.nanos, opened.note) == (2, 500_000_000, "a parcel")
    assert (listed.newest, listed.kind) == (7, "door")


@pytest.mark.parametrize(
    "command",
    [
        "punch x.jpg",
        "punch x.jpg --in --out",
        "snapshot gate",
        "events list --newest 501",
        "events watch --cursor a --only-new",
    ],
)
def test_what_makes_no_sense_is_wrong_usage(doorward, server, command):
    run = doorward(*command.split(), "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (2, "USAGE")
    assert server.calls == []


def test_a_record_without_its_payload_is_a_line_too(doorward, server):
    erased = event_service_pb2.ListEventsResponse(events=[sample_answers.EVENT])
    erased.events[0].payload_json = ""
    server.answer("ListEvents", erased)
    assert "access.granted\n" in doorward("events", "list").out
