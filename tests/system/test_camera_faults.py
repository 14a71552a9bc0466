"""Cameras that are missing, end, or are none: the daemon says so, and the others go on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_api.v1.camera_pb2 import CameraState
from doorward_daemon.journal import JournalSettings, open_event_clock, open_journal
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.payload import decode_payload
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.daemon_eye import DaemonEye
from doorward_testing.pictures import astronaut, coffee, save

pytestmark = [pytest.mark.system, pytest.mark.models]

CONFIGURATION = """
[[doors]]
door_id = "main"
[doors.policy]
liveness = "off"

[[cameras]]
camera_id = "missing"
source = "/dev/video-that-is-not-there"
door_id = "main"

[[cameras]]
camera_id = "ending"
source = "{home}/pictures"
frames_per_s = 10.0
loops = false
door_id = "main"

[[cameras]]
camera_id = "garbled"
source = "{home}/garbled.mp4"
door_id = "main"

[[cameras]]
camera_id = "good"
source = "demo"
door_id = "main"
"""
LOST = ("missing", "garbled")
CLEAN_END_S = 5.0


@pytest.fixture(scope="module")
def home(any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    (home / "pictures").mkdir()
    for number in range(3):
        save(coffee(), home / "pictures" / f"{number}.png")
    (home / "garbled.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 40)
    (home / "doorward.toml").write_text(CONFIGURATION.format(home=home))
    save(astronaut(), home / "astronaut.png")
    return home


@pytest.fixture(scope="module")
def daemon(home: Path) -> Iterator[RunningDaemon]:
    with RunningDaemon(home) as running:
        yield running


@pytest.fixture
def eye(daemon: RunningDaemon) -> Iterator[DaemonEye]:
    with DaemonEye(daemon.home) as eye:
        yield eye


def test_each_lost_camera_is_a_problem_and_the_daemon_stays_ready(daemon: RunningDaemon, eye: DaemonEye):
    eye.wait_for("a problem of each lost camera", lambda: len(eye.status().problems) >= len(LOST))
    status = eye.status()
    assert daemon.client("status", "--json").json()["state"] == "DEGRADED"
    assert sorted(problem.split(":")[0] for problem in status.problems) == sorted(f"camera {name}" for name in LOST)
    assert daemon.readiness()[0] == 200


def test_every_camera_shows_how_it_is(eye: DaemonEye):
    eye.wait_for("the end of the folder", lambda: eye.cameras()["ending"].state == CameraState.CAMERA_STATE_ENDED)
    cameras = eye.cameras()
    assert cameras["ending"].frames == 3
    assert [cameras[name].state for name in LOST] == [CameraState.CAMERA_STATE_LOST] * len(LOST)
    assert cameras["good"].state == CameraState.CAMERA_STATE_STREAMING


def test_the_good_camera_lets_the_astronaut_in(daemon: RunningDaemon, eye: DaemonEye):
    picture = str(daemon.home / "astronaut.png")
    enrolled = daemon.client("enrol", "--id", "astronaut", "--name", "Eileen", picture, "--json")
    assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    eye.wait_for("a granted entry", lambda: eye.payloads("access.granted"))
    granted = eye.payloads("access.granted")[0]
    assert (granted["camera_id"], granted["subject_id"]) == ("good", "astronaut")
    assert daemon.readiness()[0] == 200


def test_the_end_is_clean_and_the_journal_holds_the_losses(daemon: RunningDaemon, home: Path):
    began_s = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began_s < CLEAN_END_S
    with open_journal(home / "data", JournalSettings(), open_event_clock()) as journal:
        lost = [decode_payload(event.payload) for event in journal.newest(100, "camera.lost") if event.payload]
        assert journal.newest(1)[0].kind == "device.stopped"
    assert {event["camera_id"] for event in lost} == set(LOST)
    assert all(event["problem"] for event in lost)
