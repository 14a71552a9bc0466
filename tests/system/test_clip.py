"""A film clip as a camera at its own pace before the real gate: the singer is let in, nobody else is named."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from doorward_api.v1.camera_pb2 import CameraState
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.campaign import Campaign
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.daemon_eye import DaemonEye

pytestmark = [pytest.mark.assets, pytest.mark.models, pytest.mark.system, pytest.mark.timeout(600)]

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


@dataclass(frozen=True)
class Showing:
    """One time the clip was shown to the gate."""

    entries: list[dict[str, Any]]
    """What the gate decided."""
    dropped: int
    """Frames nobody took in time."""


@pytest.fixture(scope="module")
def showings(
    assets: Path, any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory, campaign: Campaign
) -> list[Showing]:
    """What came of the clip, shown once, or as often as `--runs` says."""
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    portrait = assets / "images" / "lin-manuel-miranda.png"
    with RunningDaemon(home) as daemon:
        # Enrolled before the clip begins: it runs only once.
        enrolled = daemon.client("enrol", "--id", "singer", "--name", "The singer", str(portrait), "--json")
        assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    (home / "doorward.toml").write_text(CONFIGURATION.format(clip=next((assets / "clips").glob("*.mp4"))))
    found: list[Showing] = []
    for _ in range(campaign.count("runs", 1, 10)):
        found.append(_show(home, sum(len(showing.entries) for showing in found)))
    named = [sorted({entry.get("subject_id") for entry in showing.entries} - {None}) for showing in found]
    campaign.note("clip", showings=len(found), named=named, dropped=[showing.dropped for showing in found])
    return found


def _show(home: Path, before: int) -> Showing:
    with RunningDaemon(home), DaemonEye(home) as eye:
        eye.wait_for("the end of the clip", lambda: eye.cameras()["clip"].state == CameraState.CAMERA_STATE_ENDED)
        camera = eye.cameras()["clip"]
        assert camera.frames == CLIP_FRAMES
        # The record keeps what was decided in earlier showings.
        return Showing(eye.payloads("access")[before:], camera.dropped_frames)


def test_the_singer_is_let_in(showings: list[Showing]):
    for showing in showings:
        matched = [entry for entry in showing.entries if entry["outcome"] == "MATCHED"]
        assert [entry["subject_id"] for entry in matched][:1] == ["singer"]
        assert matched[0]["comparison_score"] >= matched[0]["threshold"]


def test_nobody_else_is_named(showings: list[Showing]):
    for showing in showings:
        assert {entry.get("subject_id") for entry in showing.entries} - {None} == {"singer"}
