"""A site calibrates itself from its own enrolment photos: measured, written, in force, and never for another pack."""

import tomllib

import pytest

from doorward_testing.daemon import RunningDaemon, run_command
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.models, pytest.mark.assets]


@pytest.fixture
def home(tmp_path, any_pack):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "packs").symlink_to(any_pack.folder.parents[1])
    return folder


def test_a_profile_is_measured_with_intervals_written_and_then_in_force(home, assets, any_pack, tmp_path):
    done = run_command(
        "doorwardd", "calibrate", str(assets / "faces"), "--fpir", "0.001", "--install", "--json", home=home
    )
    assert done.code == 0, done.stderr
    measured = done.json()
    assert (measured["n_people"], measured["n_photos"], measured["n_genuine"]) == (6, 60, 270)
    scores = [score for _, score in measured["thresholds_at_fmr"]]
    assert scores == sorted(scores)
    for value in measured["intervals"].values():
        assert value["low"] <= value["value"] <= value["high"]
    written = tomllib.loads((home / "calibration.toml").read_text("utf-8"))
    assert written["embedding_id"] == any_pack.manifest.embedding_id
    assert written["search_threshold"] == measured["search_threshold"]
    with RunningDaemon(home, DOORWARD__RECOGNITION__LIVENESS="off") as daemon:
        found = daemon.client("identify", str(save(astronaut(), tmp_path / "probe.png")), "--json").json()
        in_force = daemon.client("status", "--json").json()["calibration"]
    explanation = found["identification"]["explanation"]
    assert explanation["calibration"] == f"site {measured['made_on']}"
    assert (in_force["origin"], in_force["target_fpir"]) == (f"site {measured['made_on']}", 0.001)
    assert in_force["search_threshold"] >= measured["search_threshold"] - 1e-9
    assert in_force["margin"] == pytest.approx(measured["margin"])


def test_a_profile_of_another_pack_is_refused_with_what_to_do(home, assets):
    done = run_command("doorwardd", "calibrate", str(assets / "faces"), "--install", "--json", home=home)
    assert done.code == 0, done.stderr
    profile = home / "calibration.toml"
    profile.write_text(profile.read_text("utf-8").replace('embedding_id = "', 'embedding_id = "other-'), "utf-8")
    refused = run_command("doorwardd", "self-test", "--json", home=home)
    assert refused.code == 2
    assert refused.json()["error"]["reason"] == "CALIBRATION_UNUSABLE"
    assert "doorwardd calibrate DIR" in refused.json()["error"]["message"]
