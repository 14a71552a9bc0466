"""Every command of `doorward`, for machines and for people."""

import json

import pytest

from doorward_api.v1 import access_service_pb2 as access
from doorward_api.v1 import attendance_service_pb2 as attendance
from doorward_api.v1 import camera_service_pb2 as camera
from doorward_api.v1 import device_service_pb2 as device
from doorward_api.v1 import error_reason_pb2
from doorward_api.v1 import event_service_pb2 as event
from doorward_api.v1 import gallery_service_pb2 as gallery
from doorward_api.v1 import recognition_service_pb2 as recognition
from doorward_api.v1.decision_pb2 import Identification, Outcome
from doorward_api.v1.device_pb2 import SelfTestCheck, SelfTestReport
from doorward_client import document_of
from doorward_client.reason import KIND_OF_REASON
from doorward_client.words import LANGUAGES
from doorward_testing import sample_answers
from doorward_testing.both_clients import picture_file
from doorward_testing.command_line import CommandLine
from doorward_testing.scripted_server import ScriptedServer

SUBJECT = sample_answers.subject()
# Command, the rpc it calls, the answer, and what a person must find in the words (English, Chinese).
COMMANDS = [
    (
        "status",
        "GetStatus",
        sample_answers.STATUS,
        ["degraded", "liveness models are missing", "2 subjects"],
        ["降级服务"],
    ),
    ("info", "GetInfo", sample_answers.INFO, ["gate-7", "operator", "jpeg, png"], ["角色"]),
    ("packs", "ListPacks", device.ListPacksResponse(packs=[sample_answers.COMPACT]), ["compact", "MIT"], ["许可"]),
    (
        "self-test",
        "RunSelfTest",
        device.RunSelfTestResponse(report=sample_answers.REPORT),
        ["passed", "boxes", "within 0.01 px", "250 ms"],
        ["通过"],
    ),
    (
        "identify IMG",
        "Identify",
        recognition.IdentifyResponse(identification=sample_answers.MATCHED),
        ["matched", "Ada 爱达 (ada)", "0.713", "0.310 (needed 0.050)", "the face is blurred; the face is too dark"],
        ["识别成功", "人脸模糊；人脸太暗", "请保持不动；请让面部更亮一些"],
    ),
    (
        "verify IMG IMG",
        "Verify",
        recognition.VerifyResponse(verification=sample_answers.SAME),
        ["quality too low to compare", "the picture it was compared with", "0.500"],
        ["图像质量过低，无法比对"],
    ),
    (
        "verify IMG --subject ada",
        "Verify",
        recognition.VerifyResponse(verification=sample_answers.SAME),
        ["quality too low to compare"],
        ["图像质量过低，无法比对"],
    ),
    ("extract IMG", "Extract", sample_answers.FEATURE, ["3 numbers", "compact-1", "640 x 480", "4.0 %"], ["3 维"]),
    (
        "detect IMG",
        "Detect",
        recognition.DetectResponse(faces=[sample_answers.FACE]),
        ["10,20 111,140", "0.938", "0.710 medium", "0.980 live"],
        ["0.710 中"],
    ),
    (
        "subjects list",
        "ListSubjects",
        gallery.ListSubjectsResponse(subjects=[SUBJECT], total_size=1),
        ["ada", "Ada 爱达", "1 in all"],
        ["共 1 项"],
    ),
    (
        "subjects show ada",
        "GetSubject",
        gallery.GetSubjectResponse(subject=SUBJECT),
        ["ada", "ref-1", "0.910 high"],
        [],
    ),
    (
        "subjects rename ada Ada",
        "UpdateSubject",
        gallery.UpdateSubjectResponse(subject=SUBJECT),
        ["ada", "2026-03-04 05:06:07 UTC"],
        [],
    ),
    (
        "subjects erase ada",
        "EraseSubject",
        gallery.EraseSubjectResponse(receipt=sample_answers.RECEIPT),
        ["ada", "receipt-1"],
        ["凭据"],
    ),
    (
        "subjects remove-reference ada ref-1",
        "RemoveReference",
        gallery.RemoveReferenceResponse(subject=SUBJECT),
        ["ada"],
        [],
    ),
    (
        "subjects not-this-person ada --event 41",
        "RuleOutDecision",
        gallery.RuleOutDecisionResponse(subject=SUBJECT),
        ["ada"],
        [],
    ),
    ("uplink", "GetUplinkStatus", sample_answers.UPLINK, ["waiting to try again", "12", "90 s ago"], ["等待重试"]),
    (
        "cameras",
        "ListCameras",
        camera.ListCamerasResponse(cameras=[sample_answers.CAMERA]),
        ["gate", "frozen", "29.5", "identical frames"],
        ["画面冻结"],
    ),
    (
        "door list",
        "ListDoors",
        access.ListDoorsResponse(doors=[sample_answers.DOOR]),
        ["front", "Front door", "unlocked", "preferred"],
        ["已开锁"],
    ),
    (
        "door open front",
        "OpenDoor",
        access.OpenDoorResponse(door=sample_answers.DOOR, event=sample_answers.EVENT),
        ["unlocked", "41", "access.granted"],
        ["已开锁"],
    ),
    (
        "events list",
        "ListEvents",
        event.ListEventsResponse(events=[sample_answers.EVENT]),
        ["41  2026-03-04 05:06:07 UTC  access.granted", "MATCHED; ada; front", "1 in all"],
        ["共 1 项"],
    ),
    (
        "punch IMG --in",
        "Punch",
        attendance.PunchResponse(identification=sample_answers.MATCHED, event=sample_answers.EVENT),
        ["matched", "41"],
        ["识别成功"],
    ),
]
SERVED = (recognition, gallery, device, event, camera, access, attendance)
NAMES = [command[0] for command in COMMANDS]


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


def typed(command, picture):
    return [str(picture) if word == "IMG" else word for word in command.split()]


@pytest.mark.parametrize(("command", "rpc", "answer"), [row[:3] for row in COMMANDS], ids=NAMES)
def test_json_is_the_response_message(doorward, server, picture, command, rpc, answer):
    server.answer(rpc, answer)
    run = doorward("--json", *typed(command, picture))
    assert run.document == document_of(answer)
    assert (run.exit_code, run.err) == (0, "")
    assert [call.rpc for call in server.calls] == [rpc]


@pytest.mark.parametrize(("command", "rpc", "answer", "english", "chinese"), COMMANDS, ids=NAMES)
def test_people_read_words(doorward, server, picture, command, rpc, answer, english, chinese):
    server.answer(rpc, answer)
    run = doorward(*typed(command, picture), "--lang", "en")
    assert [word for word in english if word not in run.out] == []
    assert (run.exit_code, run.err) == (0, "")
    run = doorward(*typed(command, picture), "--lang", "zh")
    assert [word for word in chinese if word not in run.out] == []


@pytest.mark.parametrize(("command", "rpc"), [row[:2] for row in COMMANDS], ids=NAMES)
def test_an_answer_without_anything_optional_is_words_too(doorward, server, picture, command, rpc):
    run = doorward(*typed(command, picture))
    assert run.exit_code == (70 if command == "self-test" else 0), run.err


def test_a_viewer_sees_words_without_scores(doorward, server, picture):
    seen = Identification(outcome=Outcome.OUTCOME_MATCHED, face_count=1)
    seen.match.subject_id = "ada"
    server.answer("Identify", recognition.IdentifyResponse(identification=seen))
    run = doorward("identify", picture)
    assert run.out.splitlines() == ["Outcome  matched", "Subject  ada", "Faces    1"]


def test_options_may_stand_before_and_behind_the_command(doorward, server, capsys):
    for arguments in (["--json", "subjects", "list"], ["subjects", "--json", "list"], ["subjects", "list", "--json"]):
        assert doorward(*arguments).document == {"subjects": [], "next_page_token": "", "total_size": 0}


def test_all_pages_are_one_document(doorward, server):
    server.answer(
        "ListSubjects",
        gallery.ListSubjectsResponse(subjects=[sample_answers.subject("ada")], next_page_token="two", total_size=2),
        gallery.ListSubjectsResponse(subjects=[sample_answers.subject("bob")], total_size=2),
    )
    document = doorward("subjects", "list", "--json").document
    assert [subject["subject_id"] for subject in document["subjects"]] == ["ada", "bob"]
    assert (document["next_page_token"], document["total_size"]) == ("", 2)


def test_a_self_test_that_does_not_pass_is_printed_and_fails_the_command(doorward, server):
    report = SelfTestReport(passed=False, checks=[SelfTestCheck(name="boxes", detail="off by 3 px")])
    server.answer("RunSelfTest", device.RunSelfTestResponse(report=report))
    run = doorward("self-test", "--json")
    assert (run.exit_code, run.document["report"]["passed"]) == (70, False)


def test_arguments_reach_the_daemon(doorward, server, picture):
    doorward("identify", picture, "--max-candidates", 7)
    doorward("subjects", "rename", "ada", "爱达")
    doorward("verify", picture, "--subject", "ada")
    assert server.requests("Identify")[0].max_candidates == 7
    assert server.requests("UpdateSubject")[0].subject.display_name == "爱达"
    assert server.requests("Verify")[0].subject_id == "ada"


@pytest.mark.parametrize(("enrolled", "words"), [(0, "0 subjects"), (1, "1 subject"), (2, "2 subjects")])
def test_one_subject_is_one_subject_and_not_one_subjects(doorward, server, picture, enrolled, words):
    answer = recognition.IdentifyResponse(identification=sample_answers.MATCHED)
    answer.identification.explanation.gallery_subjects = enrolled
    status = device.GetStatusResponse()
    status.gallery.subjects = enrolled
    status.gallery.references = status.gallery.foreign_references = 1
    server.answer("Identify", answer)
    server.answer("GetStatus", status)
    assert f"{words}, revision" in doorward("identify", picture, "--lang", "en").out
    said = doorward("status", "--lang", "en").out
    assert f"{words}, 1 reference, revision" in said
    assert "1 reference of another pack is not searched" in said


def test_a_verification_says_which_picture_to_blame_and_what_would_help(doorward, server, picture):
    server.answer("Verify", recognition.VerifyResponse(verification=sample_answers.SAME))
    advice = next(line for line in doorward("verify", picture, picture).out.splitlines() if line.startswith("Advice"))
    assert advice.split(None, 1)[1] == "the picture it was compared with: hold still"


def test_a_name_cannot_steer_the_terminal(doorward, server):
    evil = sample_answers.subject(display_name="\x1b[2J\x07Ada\n\x9b31m")
    server.answer("GetSubject", gallery.GetSubjectResponse(subject=evil))
    run = doorward("subjects", "show", "ada")
    assert "?[2J?Ada??31m" in run.out
    assert json.loads(doorward("subjects", "show", "ada", "--json").out)["subject"]["display_name"] == evil.display_name


def test_the_locale_chooses_the_words(doorward, server, monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    server.answer("GetStatus", sample_answers.STATUS)
    assert "降级服务" in doorward("status").out
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert "degraded" in doorward("status").out


def test_every_code_of_the_contract_has_words_in_every_language():
    enums = [enum for file in _files() for enum in file.enum_types_by_name.values()]
    codes = {value.name for enum in enums for value in enum.values if value.number}
    codes |= {f"ERROR_REASON_{reason}" for reason in KIND_OF_REASON}
    for table in LANGUAGES.values():
        assert {key for key in table if key.isupper()} == codes
    assert len({frozenset(table) for table in LANGUAGES.values()}) == 1


def _files():
    found, queue = {}, [file.DESCRIPTOR for file in (*SERVED, error_reason_pb2)]
    while queue:
        file = queue.pop()
        if file.package == "doorward_api.v1" and file.name not in found:
            found[file.name] = file
            queue += file.dependencies
    return found.values()
