"""`doorward enrol`: subjects are made, pictures added, and nothing half-done is left."""

import grpc
import pytest

from doorward_api.v1 import gallery_service_pb2 as gallery
from doorward_client import document_of
from doorward_testing import sample_answers
from doorward_testing.both_clients import picture_file
from doorward_testing.command_line import CommandLine
from doorward_testing.scripted_server import Refusal, ScriptedServer

EXISTS = Refusal("SUBJECT_EXISTS", grpc.StatusCode.ALREADY_EXISTS)
BLURRED = Refusal("QUALITY_TOO_LOW", message="quality 0.31, needed 0.6", metadata={"quality_score": "0.31"})
WITH_ONE = gallery.AddReferenceResponse(
    reference=sample_answers.reference("ref-1"), subject=sample_answers.subject(references=1)
)
WITH_TWO = gallery.AddReferenceResponse(
    reference=sample_answers.reference("ref-2"), subject=sample_answers.subject(references=2)
)


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        server.answer("CreateSubject", gallery.CreateSubjectResponse(subject=sample_answers.subject(references=0)))
        server.answer("AddReference", WITH_ONE, WITH_TWO)
        yield server


@pytest.fixture
def doorward(server, capsys):
    return CommandLine(server.target, capsys)


@pytest.fixture
def pictures(tmp_path):
    return [picture_file(tmp_path, name) for name in ("1.jpg", "2.jpg", "3.jpg")]


def rpcs(server):
    return [call.rpc for call in server.calls]


def test_a_missing_subject_is_made_and_every_picture_added(doorward, server, pictures):
    run = doorward("enrol", "--id", "ada", "--name", "Ada 爱达", *pictures[:2], "--allow-duplicate", "--json")
    assert run.exit_code == 0
    assert run.document == {
        "subject": document_of(WITH_TWO.subject),
        "references": [document_of(WITH_ONE.reference), document_of(WITH_TWO.reference)],
    }
    assert rpcs(server) == ["CreateSubject", "AddReference", "AddReference"]
    assert server.requests("CreateSubject")[0].display_name == "Ada 爱达"
    first, second = server.requests("AddReference")
    assert (first.subject_id, first.allow_duplicate, first.allow_low_quality) == ("ada", True, False)
    assert first.request_id != second.request_id


def test_people_see_each_picture_and_the_subject(doorward, pictures):
    run = doorward("enrol", "--id", "ada", *pictures[:2])
    assert run.err.splitlines() == [f"{file}: enrolled" for file in pictures[:2]]
    assert "ref-2" in run.out
    assert "0.910 high" in run.out


def test_an_existing_subject_gets_more_pictures_and_keeps_its_name(doorward, server, pictures):
    server.answer("CreateSubject", EXISTS)
    server.answer("GetSubject", gallery.GetSubjectResponse(subject=sample_answers.subject()))
    run = doorward("enrol", "--id", "ada", "--name", "Other", pictures[0], "--json")
    assert run.exit_code == 0
    assert "ada exists and is called 'Ada 爱达'" in run.err
    assert rpcs(server) == ["CreateSubject", "GetSubject", "AddReference"]


def test_good_pictures_stay_when_one_is_refused_and_the_error_names_its_file(doorward, server, pictures):
    server.answer("AddReference", WITH_ONE, BLURRED, WITH_TWO)
    run = doorward("enrol", "--id", "ada", *pictures, "--json")
    error = run.document["error"]
    assert run.exit_code == 2
    assert (error["reason"], error["message"]) == ("QUALITY_TOO_LOW", f"{pictures[1]}: quality 0.31, needed 0.6")
    metadata = {key: error["metadata"][key] for key in ("file", "quality_score", "enrolled", "failed")}
    assert metadata == {"file": str(pictures[1]), "quality_score": "0.31", "enrolled": "2", "failed": "1"}
    assert rpcs(server) == ["CreateSubject", "AddReference", "AddReference", "AddReference"]


def test_a_subject_made_here_is_erased_again_when_all_its_pictures_are_refused(doorward, server, pictures):
    server.answer("AddReference", BLURRED, Refusal("NO_FACE"))
    run = doorward("enrol", "--id", "ada", *pictures, "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (2, "QUALITY_TOO_LOW")
    assert rpcs(server)[-1] == "EraseSubject"
    assert server.requests("EraseSubject")[0].subject_id == "ada"
    assert "ada was erased again" in run.err


def test_a_subject_that_was_there_before_is_never_erased(doorward, server, pictures):
    server.answer("CreateSubject", EXISTS)
    server.answer("GetSubject", gallery.GetSubjectResponse(subject=sample_answers.subject(references=0)))
    server.answer("AddReference", BLURRED)
    assert doorward("enrol", "--id", "ada", *pictures, "--json").exit_code == 2
    assert "EraseSubject" not in rpcs(server)


def test_a_failure_that_no_other_picture_can_mend_ends_the_work(doorward, server, pictures):
    server.answer("AddReference", BLURRED, Refusal("STORAGE_FULL", grpc.StatusCode.RESOURCE_EXHAUSTED), WITH_ONE)
    run = doorward("enrol", "--id", "ada", *pictures, "--json")
    assert (run.exit_code, run.document["error"]["reason"]) == (70, "STORAGE_FULL")
    assert rpcs(server) == ["CreateSubject", "AddReference", "AddReference", "EraseSubject"]


def test_a_subject_that_cannot_be_erased_again_is_told(doorward, server, pictures):
    server.answer("AddReference", BLURRED)
    server.answer("EraseSubject", Refusal("STORAGE_FAILED", grpc.StatusCode.INTERNAL))
    run = doorward("enrol", "--id", "ada", pictures[0])
    assert run.exit_code == 2
    assert "doorward subjects erase ada" in run.err


def test_a_file_that_cannot_be_read_stops_everything_before_it_starts(doorward, server, pictures, tmp_path):
    run = doorward("enrol", "--id", "ada", pictures[0], tmp_path / "none.jpg", "--json")
    error = run.document["error"]
    assert (run.exit_code, error["reason"], error["metadata"]["file"]) == (
        2,
        "FILE_UNREADABLE",
        str(tmp_path / "none.jpg"),
    )
    assert server.calls == []


def test_a_request_id_that_was_used_is_not_taken_for_an_existing_subject(doorward, server, pictures):
    server.answer("CreateSubject", Refusal("REQUEST_ID_REUSED", grpc.StatusCode.ALREADY_EXISTS))
    run = doorward("enrol", "--id", "ada", pictures[0], "--json")
    assert run.document["error"]["reason"] == "REQUEST_ID_REUSED"
    assert rpcs(server) == ["CreateSubject"]


@pytest.mark.parametrize(
    ("arguments", "rpc"),
    [
        (["enrol", "--id", "ada", "IMG"], "AddReference"),
        (["subjects", "rename", "ada", "Ada"], "UpdateSubject"),
        (["subjects", "erase", "ada"], "EraseSubject"),
        (["subjects", "remove-reference", "ada", "ref-1"], "RemoveReference"),
    ],
)
def test_writes_go_to_the_enrollers_socket_and_reads_stay(doorward, server, pictures, tmp_path, arguments, rpc):
    with ScriptedServer(tmp_path / "enroller.sock") as enroller:
        doorward(*[pictures[0] if word == "IMG" else word for word in arguments])
        doorward("subjects", "show", "ada")
    assert rpc in rpcs(enroller)
    assert rpcs(server) == ["GetSubject"]


def test_without_the_enrollers_socket_the_daemon_says_who_may(doorward, server, pictures):
    refusal = Refusal("ROLE_NOT_ALLOWED", grpc.StatusCode.PERMISSION_DENIED, metadata={"required_role": "enroller"})
    server.answer("CreateSubject", refusal)
    run = doorward("enrol", "--id", "ada", pictures[0], "--json")
    assert (run.exit_code, run.document["error"]["metadata"]["required_role"]) == (2, "enroller")
