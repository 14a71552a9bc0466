"""The configuration: safe defaults, all problems at once, the environment over the file."""

import dataclasses
from pathlib import Path

import pytest

from doorward_daemon.config import Environment, Settings, load_settings
from doorward_daemon.config.environment import parse_environment
from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.model.liveness import LivenessPolicy


def _environment(home: Path, **variables: str) -> Environment:
    return parse_environment({"DOORWARD_HOME": str(home), **variables}, home)


def test_without_a_file_the_defaults_are_safe(tmp_path: Path):
    settings = load_settings(None, _environment(tmp_path))
    assert settings.recognition.liveness is LivenessPolicy.PREFERRED
    assert settings.inference.precision == "f32"
    assert settings.http.host == "127.0.0.1"
    assert not settings.rpc.tcp_enabled


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path):
    (tmp_path / "doorward.toml").write_text('[recognition]\nliveness = "off"\n[http]\nport = 9000\n')
    settings = load_settings(None, _environment(tmp_path, DOORWARD__HTTP__PORT="9001"))
    assert settings.recognition.liveness is LivenessPolicy.OFF
    assert settings.http.port == 9001


def test_all_problems_are_named_at_once(tmp_path: Path):
    (tmp_path / "doorward.toml").write_text(
        '[http]\nport = 99999\n[recognition]\nlivenes = "off"\n[inference]\nprecision = "f33"\n[doors]\n'
    )
    with pytest.raises(InvalidInput) as refusal:
        load_settings(None, _environment(tmp_path, DOORWARD__HTTP="nothing"))
    assert refusal.value.reason is ErrorReason.CONFIG_INVALID
    places = {problem.field for problem in refusal.value.problems}
    assert places == {"http.port", "recognition.livenes", "inference.precision", "doors", "DOORWARD__HTTP"}
    assert all(place in refusal.value.message for place in places)
    assert "99999" in refusal.value.message


def test_a_file_that_is_no_toml_is_one_problem_with_its_line(tmp_path: Path):
    (tmp_path / "doorward.toml").write_text("[http\n")
    with pytest.raises(InvalidInput) as refusal:
        load_settings(None, _environment(tmp_path))
    assert "line 1" in refusal.value.message


def test_a_named_file_that_is_missing_is_a_problem(tmp_path: Path):
    with pytest.raises(InvalidInput) as refusal:
        load_settings(tmp_path / "nowhere.toml", _environment(tmp_path))
    assert "nowhere.toml" in refusal.value.message


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().http.port = 1  # type: ignore[misc]


def test_the_home_is_named_or_found(tmp_path: Path):
    assert parse_environment({"DOORWARD_HOME": "here"}, tmp_path).home == tmp_path / "here"
    (tmp_path / ".doorward").mkdir()
    assert parse_environment({}, tmp_path).home == tmp_path / ".doorward"


def test_assets_are_used_only_where_they_are(tmp_path: Path):
    assert parse_environment({"DOORWARD_ASSETS": str(tmp_path)}, tmp_path).assets is None
    (tmp_path / "models").mkdir()
    assert parse_environment({"DOORWARD_ASSETS": str(tmp_path)}, tmp_path).assets == tmp_path


def test_doors_and_cameras_are_lists_and_their_keys_are_checked(tmp_path: Path):
    (tmp_path / "doorward.toml").write_text(
        '[[doors]]\ndoor_id = "main"\n[doors.policy]\nliveness = "required"\nunlock_s = 5.0\n'
        '[[cameras]]\ncamera_id = "gate"\nsource = "demo"\ndoor_id = "main"\n'
    )
    settings = load_settings(None, _environment(tmp_path))
    assert settings.doors[0].policy.unlock_s == 5.0
    assert settings.doors[0].policy.liveness is LivenessPolicy.REQUIRED
    assert settings.cameras[0].source == "demo"
    (tmp_path / "doorward.toml").write_text('[[cameras]]\ncamera_id = "gate"\nsorce = "demo"\n')
    with pytest.raises(InvalidInput) as refusal:
        load_settings(None, _environment(tmp_path))
    assert {problem.field for problem in refusal.value.problems} == {"cameras.0.sorce", "cameras.0.source"}
