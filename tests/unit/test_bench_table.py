"""The table of `make bench`: what holds, what does not, and that it asks for what there is."""

import importlib.util
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "deploy" / "bench"


@pytest.fixture(scope="module")
def table():
    spec = importlib.util.spec_from_file_location("bench_table", BENCH / "table.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_table"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench_table"]


FIGURES = [
    {"title": "overhead", "bench": "pipeline", "key": "overhead_ratio", "unit": "x", "at_most": 1.5},
    {"title": "socket", "bench": "rpc", "key": "ratio", "unit": "x", "at_least": 0.85},
    {"title": "median", "bench": "pipeline", "key": "times.p50", "unit": "ms"},
]


def test_ratios_are_held_against_their_limits_and_times_against_none(table):
    documents = {"pipeline": {"overhead_ratio": 1.51, "times": {"p50": 1e6}}, "rpc": {"ratio": 0.9}}
    rows = table.rows_of(FIGURES, documents)
    assert [row.holds for row in rows] == [False, True, True]
    assert [row.limit for row in rows] == ["at most 1.5", "at least 0.85", ""]
    text = table.as_markdown(rows, {"date": "today", "hardware": {"cpu": "a processor", "cores": 2}})
    assert "**at most 1.5**" in text
    assert "| median | 1,000,000 ms |" in text


def test_a_ratio_that_nobody_measured_does_not_hold(table):
    documents = {"pipeline": {"error": {"reason": "PACK_MISSING"}}, "rpc": {"ratio": 0.84}}
    rows = table.rows_of(FIGURES, documents)
    assert [(row.value, row.holds) for row in rows] == [(None, False), (0.84, False), (None, True)]


def test_every_figure_comes_from_a_measurement_and_only_ratios_have_limits():
    figures = tomllib.loads((BENCH / "figures.toml").read_text("utf-8"))["figures"]
    runs = tomllib.loads((BENCH / "runs.toml").read_text("utf-8"))["runs"]
    assert {figure["bench"] for figure in figures} == set(runs)
    limited = [figure for figure in figures if "at_most" in figure or "at_least" in figure]
    assert {figure["unit"] for figure in limited} == {"x"}
