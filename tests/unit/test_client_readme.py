"""The examples and tables for writers of clients are true."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from doorward_api.v1.decision_pb2 import Identification, Outcome
from doorward_api.v1.recognition_service_pb2 import IdentifyResponse
from doorward_client.cli import device, enrol, events, load, recognition, site, subjects
from doorward_client.cli.arguments import parse_arguments
from doorward_client.reason import KIND_OF_REASON
from doorward_testing import sample_answers
from doorward_testing.both_clients import PICTURE, picture_file
from doorward_testing.scripted_server import Refusal, ScriptedServer

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "clients.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST, SECOND = BLOCK.findall(GUIDE)


@pytest.fixture
def server(tmp_path, monkeypatch):
    picture_file(tmp_path)
    monkeypatch.chdir(tmp_path)
    with ScriptedServer(tmp_path / "operator.sock") as server:
        monkeypatch.setenv("DOORWARD_TARGET", server.target)
        yield server


def execute(example):
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode("utf-8")


def test_the_example_welcomes_who_is_known_and_nobody_else(server):
    server.answer(
        "Identify",
        IdentifyResponse(identification=sample_answers.MATCHED),
        IdentifyResponse(identification=Identification(outcome=Outcome.OUTCOME_UNKNOWN)),
    )
    assert execute(FIRST) == "Welcome, Ada 爱达\n"
    assert execute(FIRST) == "Not today: OUTCOME_UNKNOWN\n"
    assert server.requests("Identify")[0].picture.content == PICTURE


def test_the_example_has_ten_lines_and_stands_in_the_readme():
    assert len(FIRST.splitlines()) == 10
    assert BLOCK.findall(README) == [FIRST]


def test_the_asyncio_example_enrols_and_reacts(server):
    example = SECOND.replace("unix:/var/lib/doorward/run/enroller.sock", server.target)
    assert example != SECOND
    assert execute(example) == ""
    assert [call.rpc for call in server.calls] == ["CreateSubject", "AddReference"]
    server.answer("AddReference", Refusal("NO_FACE", metadata={"a": "b"}))
    assert execute(example) == "NO_FACE {'a': 'b'}\n"


def test_every_reason_is_explained_with_the_kind_that_is_raised():
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `(\w+)` \|", GUIDE, re.MULTILINE))
    assert rows == {reason: kind.__name__ for reason, kind in KIND_OF_REASON.items()}


def test_the_guide_has_every_command_and_each_can_be_typed():
    typed = set()
    for command in re.findall(r"`doorward ((?:\w|-)[^`]*)` ?[|,]", GUIDE):
        words = re.sub(r"(--\S+) (?:N|SEQ)\b", r"\1 3", re.sub(r"[\[\]]", "", command)).split()
        typed.add(parse_arguments([word.removesuffix("...") for word in words]).run)
    commands = {
        function
        for module in (device, enrol, events, load, recognition, site, subjects)
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not function.__name__.startswith("_")
    }
    assert typed == commands
