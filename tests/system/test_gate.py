"""The installed daemon at its demonstration gate: who is let in, what is on record, what clients are shown."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from doorward_client import DoorwardClient, Overloaded
from doorward_daemon.gate_loop import GateLoopSettings
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.system, pytest.mark.models]

GATE = """
[[doors]]
door_id = "main"
display_name = "Main gate"
[doors.policy]
liveness = "off"
[[cameras]]
camera_id = "gate"
source = "demo"
door_id = "main"
[recognition]
liveness = "off"
"""
ONE_ROUND_S = 45.0
"""Three times as long as one round of the demonstration, for a busy machine."""


@pytest.fixture(scope="module")
def daemon(compact_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("gate")
    give_pack(home, compact_pack)
    (home / "doorward.toml").write_text(GATE)
    with RunningDaemon(home) as running:
        picture = save(astronaut(), home / "enrol.png")
        assert running.client("enrol", "--id", "astronaut", "--name", "Eileen", str(picture)).code == 0
        yield running


def _events(daemon: RunningDaemon, kind: str, wanted: int = 1) -> list[dict]:
    deadline = time.monotonic() + ONE_ROUND_S
    while time.monotonic() < deadline:
        found = daemon.client("events", "list", "--kind", kind, "--json").json()["events"]
        if len(found) >= wanted:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {kind} within {ONE_ROUND_S} s: {daemon.output()}")


def test_the_astronaut_is_let_in_and_the_record_stands_before_the_door(daemon: RunningDaemon):
    granted = _events(daemon, "access.granted")[0]
    payload = json.loads(granted["payload_json"])
    assert payload["subject_id"] == "astronaut"
    assert payload["door_id"] == "main"
    assert payload["comparison_score"] >= payload["threshold"]
    opened = _events(daemon, "door.opened")[0]
    assert json.loads(opened["payload_json"])["cause_seq"] == granted["seq"]
    assert opened["seq"] > granted["seq"]


def test_the_stranger_is_denied_by_name_of_outcome_and_gets_none(daemon: RunningDaemon):
    deadline = time.monotonic() + ONE_ROUND_S
    outcomes: set[str] = set()
    while "UNKNOWN" not in outcomes and time.monotonic() < deadline:
        denied = [json.loads(event["payload_json"]) for event in _events(daemon, "access.denied")]
        outcomes = {payload["outcome"] for payload in denied}
        assert not any(payload.get("subject_id") for payload in denied)
        time.sleep(0.2)
    assert "UNKNOWN" in outcomes


def test_what_the_daemon_did_is_on_record_without_gaps(daemon: RunningDaemon):
    events = daemon.client("events", "list", "--json").json()["events"]
    assert [event["kind"] for event in events[:3]] == ["device.started", "device.self_tested", "subject.enrolled"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_an_operator_opens_the_door_for_as_long_as_asked(daemon: RunningDaemon):
    first = daemon.client("door", "open", "main", "--duration", "1.5", "--json")
    assert first.code == 0, first.stdout
    assert first.json()["door"]["state"] == "UNLOCKED"
    opened = [json.loads(event["payload_json"]) for event in _events(daemon, "access.granted")]
    assert any(payload.get("duration_s") == 1.5 for payload in opened)
    assert (
        daemon.client("door", "open", "main", "--duration", "99", "--json").json()["error"]["reason"] == "FIELD_INVALID"
    )
    assert daemon.client("door", "open", "nowhere", "--json").json()["error"]["reason"] == "DOOR_NOT_FOUND"


def test_cameras_and_snapshots_are_shown(daemon: RunningDaemon, tmp_path: Path):
    camera = daemon.client("cameras", "--json").json()["cameras"][0]
    assert camera["state"] == "STREAMING"
    shot = daemon.client("snapshot", "gate", "-o", str(tmp_path / "gate.jpg"))
    assert shot.code == 0, shot.stderr
    assert (tmp_path / "gate.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_a_watcher_too_many_is_told_so_and_finds_a_place_once_another_leaves(daemon: RunningDaemon):
    most = GateLoopSettings().max_watchers
    with ExitStack() as stack:
        client = stack.enter_context(DoorwardClient(f"unix:{daemon.home}/run/viewer.sock"))
        watching = [client.watch_camera("gate", max_rate_hz=1, resume=False) for _ in range(most)]
        for views in watching:
            assert next(views).view.camera_id == "gate"
        with pytest.raises(Overloaded) as refused:
            next(client.watch_camera("gate", resume=False))
        assert refused.value.reason == "OVERLOADED"
        watching.pop().close()
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            with suppress(Overloaded):
                assert next(client.watch_camera("gate", resume=False)).view.camera_id == "gate"
                return
        raise AssertionError("the place of a watcher who left is not given to another")


def test_a_punch_is_recorded_only_for_whom_is_recognised(daemon: RunningDaemon, tmp_path: Path):
    punched = daemon.client("punch", str(save(astronaut(0.9), tmp_path / "in.png")), "--in", "--json").json()
    assert punched["identification"]["outcome"] == "MATCHED"
    assert punched["event"]["kind"] == "attendance.punched"


def test_without_a_centre_the_uplink_says_so(daemon: RunningDaemon):
    assert daemon.client("uplink", "--json").json()["state"] == "DISABLED"


def test_figures_of_camera_gate_and_journal_are_exposed(daemon: RunningDaemon):
    _events(daemon, "access.granted")
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http_port}/metrics", timeout=5) as reply:
        figures = reply.read().decode()
    for wanted in (
        'doorward_frames_total{camera="gate"}',
        'doorward_camera_streaming{camera="gate"} 1.0',
        "doorward_journal_commit_seconds_count",
        "doorward_outbox_events",
        'doorward_door_openings{door="main"}',
        "doorward_uplink_connected 0.0",
        "doorward_decision_latency_seconds_count",
        'outcome="MATCHED"',
    ):
        assert wanted in figures, wanted
