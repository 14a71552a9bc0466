"""docs/reliability.md names every fault, and tests that exist."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTS = 67
LATER = "comes with transport security"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
TEXT = (ROOT / "docs" / "reliability.md").read_text("utf-8")
ROWS = ROW.findall(TEXT)


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_fault_has_its_row():
    assert [int(number) for number, *_ in ROWS] == list(range(1, FAULTS + 1))


def test_every_fault_is_shown_by_a_test_or_says_why_not():
    assert [number for number, _, _, shown in ROWS if not TEST.findall(shown) and shown != LATER] == []
    assert sum(shown == LATER for *_, shown in ROWS) <= 2


@pytest.mark.parametrize("file", sorted({file for file, _ in TEST.findall(TEXT)}))
def test_the_tests_that_are_named_exist(file: str):
    named = {name for other, name in TEST.findall(TEXT) if other == file}
    assert named - functions_of(file) == set()


def test_the_recorded_long_campaign_lost_nothing_and_its_red_twins_did():
    record = json.loads((ROOT / "docs" / "faults-long.json").read_text("utf-8"))
    assert all({"seed", "date"} <= set(entry) for entry in record.values())
    wrong = ("lost", "doubled", "altered", "foreign", "out_of_order", "gaps", "broken", "forgotten", "unopenable")
    found = {name: sum(int(entry.get(what, 0)) for what in wrong) for name, entry in record.items()}
    twins = {name for name in record if name.endswith("_normal")}
    assert {name for name, count in found.items() if count and name not in twins} == set()
    assert all(found[name] > 0 for name in twins)


def test_every_harness_of_the_campaign_is_listed():
    harnesses = {path.name for path in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert {name for name in harnesses if f"`{name}`" not in TEXT} == set()
