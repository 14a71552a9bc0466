"""`bench cameras --show`: what a gate costs before nobody, and how old frames get before eight people."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.tools import bench_cameras
from doorward_daemon.tools.context import ToolContext
from doorward_testing.daemon import give_pack

pytestmark = pytest.mark.models


@pytest.fixture
def home(tmp_path: Path, any_pack: InstalledPack) -> Path:
    give_pack(tmp_path / "home", any_pack)
    return tmp_path / "home"


def _measured(home: Path, capsys: pytest.CaptureFixture[str], *given: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    bench_cameras.add_parser(parser.add_subparsers())
    asked = parser.parse_args(["cameras", *given, "--subjects", "20", "--json"])
    assert bench_cameras.run(asked, ToolContext(home=home)) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_before_nobody_few_frames_are_searched_and_reading_the_camera_is_told_apart(home: Path, capsys):
    report = _measured(home, capsys, "--show", "empty", "--cameras", "1", "--rate", "20", "--seconds", "2")
    assert report["frames"] >= 10
    assert 0.0 < report["searched_share"] < 0.5
    assert 0.0 <= report["cameras_of_one_core"] <= report["cpu_of_one_core"] + 0.02
    assert report["age_ms"]["p99"] > 0.0


def test_before_people_who_move_every_camera_is_looked_at(home: Path, capsys):
    report = _measured(home, capsys, "--show", "two", "--cameras", "2", "--rate", "5", "--seconds", "3")
    assert report["searched_share"] > 0.3
    assert report["least_over_most_judged"] > 0.3
    assert report["late_over_early_p99"] > 0.0
