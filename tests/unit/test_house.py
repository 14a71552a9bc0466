"""Rules of the house that no linter knows: sizes, shelves, one sentence for every module."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELVES = ("proto", "daemon", "edge_clients", "deploy", "tests")
LONGEST_FILE_LINES = 300
LONGEST_README_LINES = 120
LONGEST_ADR_LINES = 100


def _tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


SOURCES = _tracked("*.py")


def test_shelves_are_not_packages():
    assert [shelf for shelf in SHELVES if (ROOT / shelf / "__init__.py").exists()] == []


@pytest.mark.skipif(not SOURCES, reason="not a git checkout")
def test_no_file_is_longer_than_a_reader_keeps_in_mind():
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE_LINES} == {}


@pytest.mark.skipif(not SOURCES, reason="not a git checkout")
def test_every_module_says_what_it_is_for():
    silent = [path.relative_to(ROOT) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


@pytest.mark.skipif(not SOURCES, reason="not a git checkout")
def test_only_the_configuration_and_the_clients_target_read_the_environment():
    allowed = {
        "daemon/doorward_daemon/config/load.py",
        "daemon/doorward_central/config.py",
        "edge_clients/doorward_client/target.py",
    }
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if path.is_relative_to(ROOT / "daemon") or path.is_relative_to(ROOT / "edge_clients")
        if "os.environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    }
    assert readers <= allowed


def test_the_readme_and_the_decisions_stay_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= LONGEST_README_LINES
    for record in (ROOT / "docs" / "adr").glob("*.md"):
        assert len(record.read_text("utf-8").splitlines()) <= LONGEST_ADR_LINES, record.name
