"""A film clip as a camera at its own pace before the real gate: the singer is let in, nobody else is named."""

from pathlib import Path
from typing import Any

import pytest

from doorward_api.v1.camera_pb2 import CameraState
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.daemon_eye import DaemonEye

pytestmark = [pytest.mark.assets, pytest.mark.models, pytest.mark.system]

CLIP_FRAMES = 275
CONFIGURATION = """
[[doors]]
door_id = "stage"
[doors.policy]
liveness = "off"

[[cameras]]
camera_id = "clip"
source = "{clip}"
door_id = "stage"
loops = false
"""


@pytest.fixture(scope="module")
def entries(assets: Path, any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the gate decided while the clip ran once."""
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    portrait = assets / "images" / "lin-manuel-miranda.png"
    with RunningDaemon(home) as daemon:
        # Enrolled before the clip begins: it runs only once.
        enrolled = daemon.client("enrol", "--id", "singer", "--name", "The singer", str(portrait), "--json")
        assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    (home / "doorward.toml").write_text(CONFIGURATION.format(clip=next((assets / "clips").glob("*.mp4"))))
    with RunningDaemon(home), DaemonEye(home) as eye:
        eye.wait_for("the end of the clip", lambda: eye.cameras()["clip"].state == CameraState.CAMERA_STATE_ENDED)
        assert eye.cameras()["clip"].frames == CLIP_FRAMES
        return eye.payloads("access")


def test_the_singer_is_let_in(entries: list[dict[str, Any]]):
    matched = [entry for entry in entries if entry["outcome"] == "MATCHED"]
    assert [entry["subject_id"] for entry in matched][:1] == ["singer"]
    assert matched[0]["comparison_score"] >= matched[0]["threshold"]


def test_nobody_else_is_named(entries: list[dict[str, Any]]):
    assert {entry.get("subject_id") for entry in entries} - {None} == {"singer"}
