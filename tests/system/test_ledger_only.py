"""The daemon as a recorder: there at once, without a pack, opening doors for operators and losing nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_api.v1.device_pb2 import DeviceState
from doorward_client import DoorwardClient, NotReady
from doorward_testing.daemon import RunningDaemon, run_command

pytestmark = pytest.mark.system

LIBRARIES_OF_JUDGING = ("numpy", "cv2", "openvino", "onnxruntime", "onnx", "PIL", "cryptography")


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("home")
    (home / "doorward.toml").write_text('[daemon]\nledger_only = true\n[[doors]]\ndoor_id = "main"\n')
    with RunningDaemon(home) as daemon:
        yield daemon


@pytest.fixture
def client(recorder: RunningDaemon) -> Iterator[DoorwardClient]:
    with DoorwardClient(f"unix:{recorder.home}/run/enroller.sock") as client:
        yield client


def test_nothing_that_judging_needs_is_loaded():
    program = (
        "import sys, doorward_daemon.app.ledger_only as _;"
        f"print([name for name in {LIBRARIES_OF_JUDGING!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_that_judging_needs_is_loaded_while_it_serves(recorder: RunningDaemon, client: DoorwardClient):
    client.get_status()
    mapped = Path(f"/proc/{recorder.pid}/maps").read_text()
    # A red twin of the look itself: what this mode does need is mapped.
    assert "cygrpc" in mapped
    assert [name for name in LIBRARIES_OF_JUDGING if f"site-packages/{name}" in mapped] == []


def test_it_is_ready_and_says_what_it_is_not(recorder: RunningDaemon, client: DoorwardClient):
    assert recorder.readiness()[0] == 200
    status = client.get_status()
    assert status.state == DeviceState.DEVICE_STATE_DEGRADED
    assert [problem for problem in status.problems if problem.startswith("ledger-only: ")]
    assert client.get_info().max_picture_bytes == 0
    assert [pack.name for pack in client.list_packs()]


def test_an_operator_opens_a_door_and_it_is_on_record_after_a_kill(recorder: RunningDaemon, client: DoorwardClient):
    opened = client.open_door("main", note="delivery")
    recorder.kill()
    recorder.__enter__()
    with DoorwardClient(f"unix:{recorder.home}/run/operator.sock") as again:
        events = list(again.list_events())
    kinds = [event.kind for event in events]
    assert kinds[:3] == ["device.started", "access.granted", "door.opened"]
    assert json.loads(events[0].payload_json)["mode"] == "ledger_only"
    assert events[1].event_id == opened.event.event_id


def test_what_needs_models_is_refused_by_type_and_not_called_unknown(client: DoorwardClient, tmp_path: Path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"a picture")
    for call in (
        lambda: client.identify(picture),
        lambda: list(client.list_subjects()),
        lambda: list(client.list_cameras()),
        lambda: client.punch(picture),
        client.run_self_test,
    ):
        with pytest.raises(NotReady) as refusal:
            call()
        assert refusal.value.reason == "NOT_READY"


def test_a_section_of_its_own_that_is_wrong_keeps_it_from_starting(tmp_path: Path):
    done = run_command("doorwardd", "serve", "--ledger-only", home=tmp_path, DOORWARD__JOURNAL__MAX_BYTES="few")
    assert done.code == 2
    assert "journal.max_bytes" in done.stderr
