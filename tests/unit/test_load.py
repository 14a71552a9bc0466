"""Asking as fast as it is answered: other bytes every time, and honest counts."""

import threading

import pytest

from doorward_api.v1 import recognition_service_pb2 as pb
from doorward_api.v1.decision_pb2 import OUTCOME_MATCHED, OUTCOME_UNKNOWN
from doorward_client.errors import Fault, Overloaded
from doorward_client.load import load, numbered
from doorward_daemon.vision.picture import PictureSettings, decode_picture
from doorward_testing.command_line import CommandLine
from doorward_testing.pictures import astronaut, save
from doorward_testing.scripted_server import ScriptedServer


class Daemon:
    """Answers every second call and turns the others away."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self._lock = threading.Lock()

    def __call__(self, content: bytes) -> pb.IdentifyResponse:
        with self._lock:
            self.asked.append(content)
            number = len(self.asked)
        if number % 2:
            raise Overloaded("OVERLOADED", "too much at once", retry_after_s=0.001)
        response = pb.IdentifyResponse()
        response.identification.outcome = OUTCOME_MATCHED if number % 4 else OUTCOME_UNKNOWN
        return response


def test_answers_are_counted_by_outcome_and_refusals_beside_them():
    daemon = Daemon()
    report = load(daemon, str, b"\xff\xd8picture", concurrency=2, seconds=0.2)
    document = report.document()
    assert document["calls"] == sum(report.outcomes.values()) > 0
    assert report.refused + len(report.latencies_ms) == len(daemon.asked)
    assert set(report.outcomes) == {str(OUTCOME_MATCHED), str(OUTCOME_UNKNOWN)}
    assert list(report.latencies_ms) == sorted(report.latencies_ms)
    assert len(set(daemon.asked)) == len(daemon.asked)


def test_a_call_that_fails_ends_the_run_with_its_error():
    def broken(content: bytes) -> pb.IdentifyResponse:
        raise Fault("INTERNAL", "broken")

    with pytest.raises(Fault):
        load(broken, str, b"\xff\xd8", concurrency=4, seconds=60.0)


def test_a_numbered_picture_has_other_bytes_and_the_same_pixels(tmp_path):
    content = save(astronaut(), tmp_path / "one.jpg").read_bytes()
    first, second = (decode_picture(numbered(content, number), PictureSettings()) for number in (1, 2))
    assert numbered(content, 1) != numbered(content, 2)
    assert (first.bgr_hwc == second.bgr_hwc).all()
    assert numbered(b"\x89PNG", 1) == b"\x89PNG"


def test_the_command_prints_what_it_measured(tmp_path, capsys):
    picture = save(astronaut(), tmp_path / "one.jpg")
    response = pb.IdentifyResponse()
    response.identification.outcome = OUTCOME_MATCHED
    with ScriptedServer(tmp_path / "operator.sock") as server:
        server.answer("Identify", response)
        run = CommandLine(server.target, capsys)("load", picture, "--seconds", "0.2", "--concurrency", "2", "--json")
    assert run.exit_code == 0, run.err
    assert run.document["outcomes"] == {"MATCHED": run.document["calls"]}
    assert run.document["calls_per_s"] > 0.0
    assert run.document["latency_ms"]["min"] <= run.document["latency_ms"]["p50"] <= run.document["latency_ms"]["p99"]
