"""`doorward` as a process: signals, pipes, locales."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doorward_api.v1 import gallery_service_pb2 as gallery
from doorward_testing import sample_answers
from doorward_testing.both_clients import picture_file
from doorward_testing.scripted_server import ScriptedServer, Silence

DOORWARD = Path(sys.executable).with_name("doorward")


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


def environment(server, **more: str):
    return {**os.environ, "DOORWARD_TARGET": server.target, **more}


def run(server, *arguments: str | bytes, stdout=subprocess.PIPE, **more: str):
    return subprocess.run(
        [DOORWARD, *arguments], env=environment(server, **more), stdout=stdout, stderr=subprocess.PIPE, check=False
    )


def hear_ctrl_c() -> None:
    # A shell that starts something in the background has it ignore SIGINT, and all its children with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_is_quiet(server, tmp_path):
    server.answer("Identify", Silence())
    command = [DOORWARD, "identify", picture_file(tmp_path)]
    with subprocess.Popen(command, env=environment(server), stdout=-1, stderr=-1, preexec_fn=hear_ctrl_c) as process:
        server.wait_for("Identify")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_ctrl_c_leaves_no_half_done_subject(server, tmp_path):
    server.answer("CreateSubject", gallery.CreateSubjectResponse(subject=sample_answers.subject(references=0)))
    server.answer("AddReference", Silence())
    command = [DOORWARD, "enrol", "--id", "ada", picture_file(tmp_path)]
    with subprocess.Popen(command, env=environment(server), stdout=-1, stderr=-1, preexec_fn=hear_ctrl_c) as process:
        server.wait_for("AddReference")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert [request.subject_id for request in server.requests("EraseSubject")] == ["ada"]


def test_a_reader_that_has_seen_enough_is_no_failure(server):
    subjects = [sample_answers.subject(f"subject-{number}") for number in range(2000)]
    server.answer("ListSubjects", gallery.ListSubjectsResponse(subjects=subjects))
    script = f"set -o pipefail; '{DOORWARD}' subjects list | head -1"
    done = subprocess.run(["bash", "-c", script], env=environment(server), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_an_answer_that_cannot_be_written_is_a_failure(server):
    with Path("/dev/full").open("wb") as full:
        done = run(server, "status", "--json", stdout=full)
    assert done.returncode == 70
    assert done.stderr.decode() == "doorward: stdout: No space left on device\n"


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_documents_are_utf_8_whatever_the_locale(server, encoding):
    server.answer("GetSubject", gallery.GetSubjectResponse(subject=sample_answers.subject()))
    done = run(server, "subjects", "show", "ada", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout.decode("utf-8"))["subject"]["display_name"] == "Ada 爱达"


def test_what_a_terminal_cannot_show_is_no_failure(server):
    server.answer("GetSubject", gallery.GetSubjectResponse(subject=sample_answers.subject()))
    done = run(server, "subjects", "show", "ada", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Ada ??" in done.stdout


def test_a_file_name_that_is_no_utf_8_can_be_named(server, tmp_path):
    done = run(server, "identify", os.fsencode(tmp_path) + b"/\xff.jpg", "--json")
    assert (done.returncode, json.loads(done.stdout.decode("utf-8"))["error"]["reason"]) == (2, "FILE_UNREADABLE")


def test_the_client_needs_nothing_but_its_own_requirements():
    script = (
        "import sys, doorward_client.aio, doorward_client.cli.__main__;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'numpy', 'rich', 'doorward_daemon', 'pydantic', 'cv2', 'aiohttp'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"
