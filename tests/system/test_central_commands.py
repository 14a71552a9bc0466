"""`doorward-central` as a process: what it prints, how it ends, with and without a centre that serves."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from doorward_testing.centre_site import CentreProcess, free_address, running

pytestmark = pytest.mark.system


@pytest.fixture
def home(tmp_path):
    return tmp_path / "centre"


def ask(home, *typed: str, **variables: str):
    command = [sys.executable, "-m", "doorward_central", "--home", str(home), *typed]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, check=False)
    return done.returncode, json.loads(done.stdout) if "--json" in typed else done.stdout, done.stderr


def test_subjects_are_added_listed_and_erased_beside_a_serving_centre_and_after_it(home, tmp_path):
    template = tmp_path / "extracted.json"
    document = {"feature": [3.0, 4.0], "embedding_id": "test", "precision": "f32", "quality_score": 0.9}
    template.write_text(json.dumps(document), encoding="utf-8")
    with running(CentreProcess(home, free_address())):
        code, answer, _ = ask(home, "subjects", "add", "--id", "anna", "--name", "Anna", "--json")
        assert (code, answer["subject"]["version"], answer["subject"]["reference_count"]) == (0, 1, 0)
        code, answer, _ = ask(home, "subjects", "add", "--id", "bo", "--from-template", str(template), "--json")
        assert (code, answer["subject"]["reference_count"]) == (0, 1)
        code, answer, _ = ask(home, "subjects", "--json")
        assert [subject["subject_id"] for subject in answer["subjects"]] == ["anna", "bo"]
        code, answer, error = ask(home, "subjects", "add", "--id", "anna", "--json")
        assert (code, answer["error"]["reason"]) == (2, "SUBJECT_EXISTS")
        assert "anna" in error
        assert ask(home, "subjects", "erase", "anna", "--json")[1]["subject"]["erased"] is True
    # Nobody serves any more: the store itself is asked.
    code, answer, _ = ask(home, "subjects", "list", "--with-erased", "--json")
    assert [(one["subject_id"], one["erased"]) for one in answer["subjects"]] == [("anna", True), ("bo", False)]
    assert ask(home, "events", "--json")[:2] == (0, {"events": [], "hints": []})
    assert ask(home, "devices", "--json")[:2] == (0, {"devices": []})
    assert "bo" in ask(home, "subjects")[1]


def test_a_template_that_is_none_is_refused_with_what_was_expected(home, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"feature": [0.0, 0.0], "embedding_id": "test"}', encoding="utf-8")
    with running(CentreProcess(home, free_address())):
        code, answer, _ = ask(home, "subjects", "add", "--id", "x", "--from-template", str(wrong), "--json")
    assert (code, answer["error"]["reason"]) == (2, "FIELD_INVALID")
    assert "extract" in answer["error"]["message"]


def test_a_command_without_any_store_says_what_to_do(home):
    code, answer, _ = ask(home, "events", "--json")
    assert (code, answer["error"]["reason"]) == (2, "NOT_READY")


def test_a_second_centre_on_one_home_is_refused(home):
    with running(CentreProcess(home, free_address())):
        code, _, error = ask(home, "serve", "--listen", free_address())
    assert code == 75
    assert "another centre" in error


def test_a_taken_port_is_refused_for_a_person_to_mend(home):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        code, _, error = ask(home, "serve", "--listen", f"127.0.0.1:{holder.getsockname()[1]}")
    assert code == 2
    assert "listener.address" in error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_and_its_socket_is_gone(home, number):
    with running(CentreProcess(home, free_address())) as centre:
        assert (home / "run" / "central.sock").stat().st_mode & 0o077 == 0
        centre.process.send_signal(number)
        assert centre.process.wait(5) == 0
    assert not (home / "run" / "central.sock").exists()


def test_every_problem_of_a_configuration_is_told_at_once(home):
    home.mkdir()
    (home / "central.toml").write_text("[uplink]\ncredit = 99\n", encoding="utf-8")
    code, answer, _ = ask(home, "events", "--json")
    assert (code, answer["error"]["reason"]) == (2, "CONFIG_INVALID")
    assert "uplink.credit" in answer["error"]["message"]
    (home / "central.toml").write_text("[uplink]\ncredits = 9\n[nothing]\n", encoding="utf-8")
    message = ask(home, "events", "--json")[1]["error"]["message"]
    assert "credits" in message
    assert "nothing" in message


def test_the_environment_overrides_the_file(home):
    address = free_address()
    home.mkdir()
    (home / "central.toml").write_text('[listener]\naddress = "256.0.0.1:1"\n', encoding="utf-8")
    command = [sys.executable, "-m", "doorward_central", "--home", str(home), "serve"]
    variables = {**os.environ, "DOORWARD_CENTRAL__LISTENER__ADDRESS": address}
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        assert address in process.stderr.readline()
        process.terminate()


def test_the_bench_drains_devices_over_real_streams_beside_the_raw_limit(home):
    code, figures, _ = ask(home, "bench", "--json", "--backlog", "450", "--devices", "3", "--each", "20")
    assert code == 0
    assert (figures["backlog"]["events"], figures["fleet"]["events"]) == (450, 60)
    assert figures["fleet"]["devices"] == 3
    assert figures["backlog"]["share_of_raw"] > 0
    assert figures["raw_events_per_s"] > 0
    assert not home.exists()
