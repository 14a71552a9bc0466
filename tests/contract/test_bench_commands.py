"""The measuring commands as people type them."""

import argparse
import json

import pytest

from doorward_daemon.tools import bench_cameras
from doorward_daemon.tools.context import ToolContext
from doorward_testing.daemon import run_command
from doorward_testing.pictures import astronaut, coffee, save


@pytest.fixture(scope="module")
def home(tmp_path_factory, any_pack):
    folder = tmp_path_factory.mktemp("home")
    (folder / "packs").symlink_to(any_pack.folder.parents[1])
    return folder


def bench(home, *arguments: str):
    return run_command("doorwardd", "bench", *arguments, "--json", home=home)


@pytest.mark.models
def test_the_pipeline_is_reported_stage_by_stage_beside_its_models(home):
    done = bench(home, "pipeline", "--repeat", "5", "--subjects", "100")
    assert done.code == 0, done.stderr
    report = done.json()
    assert set(report["frame_to_decision_ms"]) == {"min", "p50", "p99"}
    assert {"decode", "detect", "pre_gate", "embed", "gate", "search", "decide"} <= set(report["stages"])
    assert report["outcome"] == "MATCHED"
    assert report["precision"] == "f32"
    # What the models take alone cannot take longer than the decision that asks them, measurement noise aside.
    assert report["overhead_ratio"] > 0.5
    assert report["models_sum_ms"] == pytest.approx(sum(model["p50"] for model in report["models"].values()), abs=0.01)
    assert {"device", "threads", "pack", "runtime", "hardware", "n"} <= set(report)
    # What a close face costs more has to be next to nothing beside the models.
    assert report["cues"]["screen_pattern"]["min"] < 0.1 * report["models_sum_ms"]


@pytest.mark.models
def test_the_pipeline_can_be_measured_on_a_picture_of_ones_own(home, tmp_path):
    picture = save(astronaut(), tmp_path / "own.png")
    report = bench(home, "pipeline", "--repeat", "2", "--subjects", "10", "--picture", str(picture)).json()
    assert (report["width_px"], report["height_px"]) == (512, 512)


@pytest.mark.models
def test_a_picture_without_a_face_cannot_be_measured(home, tmp_path):
    done = bench(home, "pipeline", "--picture", str(save(coffee(), tmp_path / "coffee.png")))
    assert (done.code, done.json()["error"]["reason"]) == (2, "NO_FACE")
    missing = bench(home, "pipeline", "--picture", str(tmp_path / "missing.png"))
    assert (missing.code, missing.json()["error"]["reason"]) == (2, "FIELD_INVALID")


CAMERA_KEYS = {
    "stages", "models", "models_sum_ms", "overhead_ratio", "frame_to_decision_ms", "precision", "device", "threads",
    "frames", "dropped", "dropped_share",
}  # fmt: skip


def people(home, folder) -> str:
    """A folder in which the astronaut stands before the camera in every picture."""
    folder.mkdir()
    for number, brightness in enumerate((0.9, 1.0)):
        save(astronaut(brightness=brightness), folder / f"{number}.png")
    return str(folder)


@pytest.mark.models
def test_a_camera_is_measured_from_capture_to_the_record_on_disk(home, tmp_path):
    camera = people(home, tmp_path / "people")
    done = bench(home, "pipeline", "--camera", camera, "--seconds", "2", "--subjects", "50")
    assert done.code == 0, done.stderr
    report = done.json()
    assert set(report) >= CAMERA_KEYS
    assert set(report["frame_to_decision_ms"]) == {"min", "p50", "p99"}
    assert {"wait", "detect", "pre_gate", "embed", "gate", "search", "decide", "record"} <= set(report["stages"])
    assert report["outcomes"] == ["MATCHED"]
    assert report["models_sum_ms"] == pytest.approx(sum(model["p50"] for model in report["models"].values()), abs=0.01)
    # Models run inside the decided frames: their time cannot be above the whole.
    assert report["overhead_ratio"] > 1.0
    assert report["dropped_share"] == pytest.approx(report["dropped"] / max(1, report["frames"]), abs=1e-4)
    # A frame may be captured between the two clocks the measurement begins or ends by.
    assert 1 <= report["n"] <= report["frames"] + 1


@pytest.mark.models
def test_a_camera_that_is_not_there_or_shows_nobody_cannot_be_measured(home, tmp_path):
    missing = bench(home, "pipeline", "--camera", str(tmp_path / "missing.mp4"), "--seconds", "1")
    assert (missing.code, missing.json()["error"]["reason"]) == (2, "CAMERA_LOST")
    (tmp_path / "cups").mkdir()
    save(coffee(), tmp_path / "cups" / "cup.png")
    nobody = bench(home, "pipeline", "--camera", str(tmp_path / "cups"), "--seconds", "1")
    assert (nobody.code, nobody.json()["error"]["reason"]) == (2, "NO_FACE")
    both = bench(home, "pipeline", "--camera", "demo", "--picture", "x.png")
    assert (both.code, both.json()["error"]["reason"]) == (2, "FIELD_INVALID")


@pytest.mark.models
def test_several_cameras_are_measured_at_once(home, tmp_path, capsys):
    parser = argparse.ArgumentParser()
    bench_cameras.add_parser(parser.add_subparsers())
    camera = people(home, tmp_path / "people")
    given = ["cameras", "--cameras", "2", "--camera", camera, "--seconds", "2", "--subjects", "20", "--json"]
    assert bench_cameras.run(parser.parse_args(given), ToolContext(home=home)) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) >= CAMERA_KEYS | {"judged_frames_per_s"}
    assert report["cameras"] == 2
    assert report["judged_frames_per_s"] > 0.0


@pytest.mark.models
@pytest.mark.system
def test_starting_the_real_daemon_is_measured_to_its_first_answer(home):
    done = bench(home, "startup", "--repeat", "1")
    assert done.code == 0, done.stderr
    report = done.json()
    assert report["identified"]
    assert report["start_to_serving_ms"] > 0.0
    assert report["cold_start_to_serving_ms"] > 0.0
    assert 50.0 < report["resident_mb"] <= 350.0
    assert not (home / "run").exists() or not any((home / "run").iterdir())


@pytest.mark.models
def test_a_daemon_that_does_not_come_up_is_named_with_its_last_words(home, tmp_path, any_pack):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "packs").symlink_to(home / "packs")
    (broken / "doorward.toml").write_text("[http]\nno_such_key = 1\n")
    done = bench(broken, "startup")
    assert done.code == 2
    assert done.json()["error"]["reason"] == "CONFIG_INVALID"


@pytest.mark.models
@pytest.mark.system
def test_the_socket_is_measured_beside_the_same_pipeline_in_one_process(home):
    done = bench(home, "rpc", "--rounds", "1", "--seconds", "1", "--subjects", "20")
    assert done.code == 0, done.stderr
    report = done.json()
    assert report["outcomes"].keys() == {"MATCHED"}
    assert report["n"] > 0
    assert report["ratio"] == pytest.approx(report["rpc_per_s"] / report["in_process_per_s"], rel=0.01)
    assert {"concurrency", "subjects", "pack", "hardware", "latency_ms", "refused"} <= set(report)


@pytest.mark.models
@pytest.mark.system
def test_a_soak_weighs_the_daemon_while_it_watches_its_camera(home):
    done = bench(home, "soak", "--minutes", "0.1", "--every-seconds", "1")
    assert done.code == 0, done.stderr
    report = done.json()
    assert report["frames"] > 0
    assert report["n"] >= 6
    assert report["growth_mb"] == pytest.approx(report["resident_end_mb"] - report["resident_settled_mb"], abs=0.02)
    assert 50.0 < report["resident_settled_mb"] <= report["resident_max_mb"]
