"""A network camera that freezes, falls silent, is unplugged, changes its size or slows down: state, event, figure."""

import time
import urllib.request
from collections.abc import Iterator

import pytest
from PIL import Image

from doorward_api.v1.camera_pb2 import CameraState
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.daemon_eye import DaemonEye
from doorward_testing.network_camera import NetworkCamera
from doorward_testing.pictures import astronaut, coffee, save

pytestmark = [pytest.mark.system, pytest.mark.models]
CONFIGURATION = """
[[doors]]
door_id = "main"
[doors.policy]
liveness = "off"

[[cameras]]
camera_id = "network"
source = "{address}"
door_id = "main"
stall_s = 1.5
freeze_s = 1.5

[recognition]
liveness = "off"
"""
NOTICED_WITHIN_S = 5.0
"""From the fault to the state that names it; 3 and 4 s unless the configuration says less, as here."""


SIZE_PX, OTHER_SIZE_PX = (640, 480), (768, 512)


def _frame(size_px: tuple[int, int], person: Image.Image | None = None) -> Image.Image:
    """What the camera sees, always in frames of one size: the decoder squeezes pictures that change it in a stream."""
    frame = coffee().resize(size_px)
    if person is not None:
        width, height = size_px
        frame.paste(person.resize((height, height)), ((width - height) // 2, 0))
    return frame


@pytest.fixture(scope="module")
def camera() -> Iterator[NetworkCamera]:
    with NetworkCamera(_frame(SIZE_PX)) as camera:
        yield camera


@pytest.fixture(scope="module")
def daemon(
    camera: NetworkCamera, any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    (home / "doorward.toml").write_text(CONFIGURATION.format(address=camera.address))
    with RunningDaemon(home) as running:
        enrolled = running.client("enrol", "--id", "astronaut", str(save(astronaut(), home / "enrol.png")))
        assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
        yield running


@pytest.fixture
def eye(daemon: RunningDaemon) -> Iterator[DaemonEye]:
    with DaemonEye(daemon.home) as eye:
        _wait_for_state(eye, CameraState.CAMERA_STATE_STREAMING)
        yield eye
        _wait_for_state(eye, CameraState.CAMERA_STATE_STREAMING)


def _wait_for_state(eye: DaemonEye, *states: CameraState.ValueType) -> float:
    began_s = time.monotonic()
    eye.wait_for(f"state {states}", lambda: eye.cameras()["network"].state in states)
    return time.monotonic() - began_s


def _figure(daemon: RunningDaemon, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http_port}/metrics", timeout=5) as reply:
        figures = reply.read().decode()
    return float(next((line for line in figures.splitlines() if line.startswith(f"{name} ")), f"{name} 0").split()[-1])


def _streaming(daemon: RunningDaemon) -> float:
    return _figure(daemon, 'doorward_camera_streaming{camera="network"}')


def _walk_past(camera: NetworkCamera, daemon: RunningDaemon, eye: DaemonEye) -> None:
    """Somebody who is known comes, is let in, and leaves."""
    ended = 'doorward_tracks_total{camera="network",change="ended"}'
    passages, left = len(eye.payloads("access.granted")), _figure(daemon, ended)
    size_px = camera.picture.size
    camera.picture = _frame(size_px, astronaut())
    eye.wait_for("a passage", lambda: len(eye.payloads("access.granted")) > passages)
    camera.picture = _frame(size_px)
    eye.wait_for("an empty gate", lambda: _figure(daemon, ended) > left)


@pytest.mark.parametrize(
    ("fault", "state"),
    [("is_frozen", CameraState.CAMERA_STATE_FROZEN), ("is_silent", CameraState.CAMERA_STATE_STALLED)],
)
def test_a_fault_of_the_picture_is_a_state_an_event_and_a_figure_and_ends_with_it(
    daemon: RunningDaemon, eye: DaemonEye, camera: NetworkCamera, fault: str, state: CameraState.ValueType
):
    before = len(eye.payloads("camera.lost")), len(eye.payloads("camera.restored"))
    setattr(camera, fault, True)
    try:
        assert _wait_for_state(eye, state) < NOTICED_WITHIN_S
        eye.wait_for("an event", lambda: len(eye.payloads("camera.lost")) > before[0])
        assert _streaming(daemon) == 0.0
        assert [problem for problem in eye.status().problems if problem.startswith("camera network: ")]
        # A box whose camera fails serves everybody else.
        assert daemon.readiness()[0] == 200
    finally:
        setattr(camera, fault, False)
    _wait_for_state(eye, CameraState.CAMERA_STATE_STREAMING)
    eye.wait_for("its return", lambda: len(eye.payloads("camera.restored")) > before[1])
    assert _streaming(daemon) == 1.0
    lost = eye.payloads("camera.lost")[before[0]]
    assert (lost["camera_id"], lost["state"]) == ("network", CameraState.Name(state).removeprefix("CAMERA_STATE_"))


def test_an_unplugged_camera_is_lost_and_comes_back_with_another_size(
    daemon: RunningDaemon, eye: DaemonEye, camera: NetworkCamera
):
    before = len(eye.payloads("camera.lost"))
    camera.unplug()
    assert _wait_for_state(eye, CameraState.CAMERA_STATE_LOST) < NOTICED_WITHIN_S
    eye.wait_for("an event", lambda: len(eye.payloads("camera.lost")) > before)
    assert _streaming(daemon) == 0.0
    camera.picture = _frame(OTHER_SIZE_PX)
    camera.plug_in()
    _wait_for_state(eye, CameraState.CAMERA_STATE_STREAMING)
    eye.wait_for("its new size", lambda: eye.cameras()["network"].width_px == OTHER_SIZE_PX[0])
    _walk_past(camera, daemon, eye)


def test_one_frame_a_second_is_enough_to_let_somebody_in(daemon: RunningDaemon, eye: DaemonEye, camera: NetworkCamera):
    camera.rate_hz = 1.0
    try:
        _walk_past(camera, daemon, eye)
    finally:
        camera.rate_hz = 15.0
