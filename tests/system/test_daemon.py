"""The installed daemon as a process: walks, refuses, stops, and survives what people do to it."""

import io
import json
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack, run_command
from doorward_testing.pictures import astronaut, cameraman, coffee, motion_blurred, save, thirty_astronauts

pytestmark = [pytest.mark.system, pytest.mark.models]


@pytest.fixture(scope="module")
def daemon(any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    with RunningDaemon(home, DOORWARD__RECOGNITION__LIVENESS="off") as running:
        save(astronaut(), home / "enrol.png")
        enrolled = running.client("enrol", "--id", "astronaut", "--name", "Eileen", str(home / "enrol.png"), "--json")
        assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
        yield running


def _identify(daemon: RunningDaemon, picture: Path) -> dict:
    answer = daemon.client("identify", str(picture), "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    return answer.json()["identification"]


def test_the_astronaut_is_recognised_from_another_rendering_and_told_why(daemon: RunningDaemon, tmp_path: Path):
    found = _identify(daemon, save(astronaut(scale=0.8, brightness=0.85), tmp_path / "probe.jpg"))
    assert found["outcome"] == "MATCHED"
    assert found["match"]["subject_id"] == "astronaut"
    assert found["explanation"]["rule"] == "THRESHOLD_AND_MARGIN"
    assert found["match"]["comparison_score"] >= found["explanation"]["threshold"]
    assert found["match"]["similarity"] > 0.5
    assert {"detect", "pre_gate", "embed", "gate", "search", "decide"} <= {
        stage["stage"] for stage in found["explanation"]["stage_times"]
    }


@pytest.mark.parametrize(
    ("picture", "outcome"),
    [(cameraman, "UNKNOWN"), (coffee, "NO_FACE"), (motion_blurred, "LOW_QUALITY")],
)
def test_whoever_is_not_the_astronaut_gets_the_outcome_they_deserve(
    daemon: RunningDaemon, tmp_path: Path, picture, outcome: str
):
    found = _identify(daemon, save(picture(), tmp_path / "probe.png"))
    assert found["outcome"] == outcome
    assert "match" not in found
    if outcome == "LOW_QUALITY":
        assert {"BLUR", "IDENTITY_LOST"} & set(found["face"]["quality"]["reasons"])
        assert found["face"]["quality"]["guidance"]


def test_a_verification_tells_the_quality_of_both_sides_and_what_would_help(daemon: RunningDaemon, tmp_path: Path):
    good = save(astronaut(scale=0.9), tmp_path / "good.png")
    blurred = save(motion_blurred(), tmp_path / "blurred.png")
    same = daemon.client("verify", str(good), "--subject", "astronaut", "--json").json()["verification"]
    assert (same["outcome"], same["trusted"], same["advice"]) == ("MATCHED", True, [])
    assert 0.6 <= same["reference_quality_score"] <= 1.0
    assert same["explanation"]["comparison_score"] == same["comparison_score"]
    poor = daemon.client("verify", str(good), str(blurred), "--json").json()["verification"]
    assert (poor["outcome"], poor["trusted"], poor["poor_sides"]) == ("LOW_QUALITY", False, ["REFERENCE"])
    assert "reference_quality_score" not in poor
    assert [advice["side"] for advice in poor["advice"]] == ["REFERENCE"]
    assert poor["advice"][0]["guidance"] == poor["reference_face"]["quality"]["guidance"] != []
    assert poor["explanation"]["quality_score"] == poor["reference_face"]["quality"]["score"]


def test_extract_gives_the_feature_with_quality_resolution_and_area(daemon: RunningDaemon, tmp_path: Path):
    picture = astronaut()
    found = daemon.client("extract", str(save(picture, tmp_path / "probe.png")), "--json").json()
    assert sum(number**2 for number in found["feature"]) == pytest.approx(1.0, abs=1e-3)
    assert found["quality_score"] == found["face"]["quality"]["score"] >= 0.8
    assert found["resolution"] == {"width_px": picture.width, "height_px": picture.height}
    box = found["face"]["box"]
    area = (box["right_px"] - box["left_px"]) * (box["bottom_px"] - box["top_px"])
    assert found["detected_face_area_ratio"] == pytest.approx(area / (picture.width * picture.height), rel=1e-4)
    assert len(found["face"]["quality"]["components"]) >= 19


def test_a_viewer_is_told_the_name_and_no_score(daemon: RunningDaemon, tmp_path: Path):
    probe = save(astronaut(scale=0.9), tmp_path / "probe.png")
    answer = daemon.client("identify", str(probe), "--json", "--target", f"unix:{daemon.home}/run/viewer.sock")
    found = answer.json()["identification"]
    assert found["match"]["subject_id"] == "astronaut"
    assert "comparison_score" not in found["match"]
    assert "explanation" not in found
    assert "score" not in found["face"]["quality"]


def test_thirty_faces_are_found_and_nothing_breaks(daemon: RunningDaemon, tmp_path: Path):
    answer = daemon.client("detect", str(save(thirty_astronauts(), tmp_path / "crowd.jpg")), "--json")
    assert answer.code == 0
    assert len(answer.json()["faces"]) == 30


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x00" * ((width + 7) // 8)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _truncated() -> bytes:
    out = io.BytesIO()
    astronaut().save(out, "JPEG")
    return out.getvalue()[:5000]


BAD = {
    "empty": (b"", "PICTURE_EMPTY"),
    "text": (b"this is not a picture, it is a sentence\n", "PICTURE_UNSUPPORTED"),
    "bomb": (_png(20_000, 20_000), "PICTURE_TOO_LARGE"),
    "truncated": (_truncated(), "PICTURE_DAMAGED"),
    "heavy": (b"\xff\xd8\xff" + bytes(8 * 1024 * 1024 + 1), "PICTURE_TOO_LARGE"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_a_typed_refusal_and_costs_no_memory(daemon: RunningDaemon, tmp_path: Path, name: str):
    content, reason = BAD[name]
    (tmp_path / "bad").write_bytes(content)
    before = daemon.resident_bytes()
    answer = daemon.client("identify", str(tmp_path / "bad"), "--json")
    assert answer.code == 2
    assert answer.json()["error"]["reason"] == reason
    assert daemon.resident_bytes() - before < 40e6
    assert daemon.readiness()[0] == 200


@pytest.mark.assets
def test_every_bad_input_of_the_collection_is_refused_by_type(daemon: RunningDaemon, assets: Path):
    for path in sorted((assets / "bad_inputs").iterdir()):
        answer = daemon.client("identify", str(path), "--json")
        assert answer.code == 2, path
        assert answer.json()["error"]["reason"].startswith("PICTURE_"), path


def test_a_message_above_the_limit_is_refused_and_the_daemon_goes_on(daemon: RunningDaemon, tmp_path: Path):
    (tmp_path / "huge").write_bytes(b"\xff\xd8\xff" + bytes(12 * 1024 * 1024))
    answer = daemon.client("identify", str(tmp_path / "huge"), "--json")
    assert answer.code != 0
    assert "error" in answer.json()
    assert daemon.client("status", "--json").code == 0


def test_a_second_daemon_on_the_same_folder_ends_with_75(daemon: RunningDaemon):
    second = run_command("doorwardd", "serve", home=daemon.home, DOORWARD__HTTP__PORT="0")
    assert second.code == 75
    assert "DATA_FOLDER_HELD" in second.stderr + second.stdout
    assert daemon.client("status", "--json").json()["state"] == "SERVING"


def test_status_tells_what_really_runs(daemon: RunningDaemon, any_pack: InstalledPack):
    status = daemon.client("status", "--json").json()
    assert status["state"] == "SERVING"
    assert status["pack"] == any_pack.manifest.name
    assert status["runtime"]["actual_device"] == "cpu"
    assert status["runtime"]["actual_precision"] == "f32"
    assert status["self_test"]["passed"] is True
    assert status["gallery"]["subjects"] == 1
    assert status["calibration"]["origin"] == f"pack {any_pack.manifest.name}"
    assert status["calibration"]["search_threshold"] >= status["calibration"]["verification_threshold"] > 0.0


def test_what_was_enrolled_survives_a_kill(any_pack: InstalledPack, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    picture = str(save(astronaut(), tmp_path / "enrol.png"))
    with RunningDaemon(tmp_path, DOORWARD__RECOGNITION__LIVENESS="off") as first:
        assert first.client("enrol", "--id", "a", "--name", "A", picture).code == 0
        first.kill()
    with RunningDaemon(tmp_path, DOORWARD__RECOGNITION__LIVENESS="off") as second:
        assert _identify(second, Path(picture))["match"]["subject_id"] == "a"


def test_sigterm_stops_it_cleanly_and_removes_its_sockets(any_pack: InstalledPack, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    with RunningDaemon(tmp_path) as daemon:
        assert (tmp_path / "run" / "operator.sock").exists()
        assert daemon.stop() == 0
    assert list((tmp_path / "run").glob("*.sock")) == []


def test_without_a_pack_it_says_what_to_run(tmp_path: Path):
    done = run_command("doorwardd", "serve", home=tmp_path, DOORWARD__HTTP__PORT="0")
    assert done.code == 2
    assert "doorwardd models pull" in done.stderr


def test_a_changed_byte_in_a_model_refuses_to_start(any_pack: InstalledPack, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    model = max((tmp_path / "packs").rglob("*.onnx"), key=lambda path: path.stat().st_size)
    target = model.resolve()
    target.chmod(stat.S_IRUSR | stat.S_IWUSR)
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(bytes(content))
    done = run_command("doorwardd", "serve", home=tmp_path, DOORWARD__HTTP__PORT="0")
    assert done.code == 2
    assert "PACK_DAMAGED" in done.stderr
    assert "expected" in done.stderr


def test_three_mistakes_in_the_configuration_are_three_problems(tmp_path: Path):
    (tmp_path / "doorward.toml").write_text("[http]\nport = -1\nprot = 1\n[gate]\nhigh = 'x'\n")
    done = run_command("doorwardd", "check-config", "--json", home=tmp_path)
    assert done.code == 2
    error = json.loads(done.stdout)["error"]
    assert error["reason"] == "CONFIG_INVALID"
    assert error["metadata"]["problems"] == "3"


def test_a_socket_path_that_is_too_long_is_one_clear_error(any_pack: InstalledPack, tmp_path: Path):
    home = tmp_path / ("long" * 30)
    give_pack(home, any_pack)
    done = run_command("doorwardd", "serve", home=home, DOORWARD__HTTP__PORT="0")
    assert done.code == 2
    assert "107" in done.stderr


def test_a_home_that_cannot_be_written_is_a_clear_error():
    # Nobody, not even root, may make a folder there.
    done = run_command("doorwardd", "serve", home=Path("/proc/doorward"), DOORWARD__HTTP__PORT="0")
    assert done.code == 2
    assert "DATA_FOLDER_UNUSABLE" in done.stderr


def test_a_taken_port_is_a_clear_error(any_pack: InstalledPack, daemon: RunningDaemon, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    done = run_command("doorwardd", "serve", home=tmp_path, DOORWARD__HTTP__PORT=str(daemon.http_port))
    assert done.code == 2
    assert "LISTENER_UNAVAILABLE" in done.stderr
    assert str(daemon.http_port) in done.stderr
