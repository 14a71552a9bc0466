"""How many cores an inference may use."""

import os
from pathlib import Path

import pytest

from doorward_daemon.inference.processor import usable_cores

HERE = sorted(os.sched_getaffinity(0))


def topology(folder: Path, threads_per_core: int) -> Path:
    """Describes this machine's processors as if so many of them shared a core."""
    for place, processor in enumerate(HERE):
        first = place - place % threads_per_core
        path = folder / f"cpu{processor}" / "topology"
        path.mkdir(parents=True)
        (path / "thread_siblings_list").write_text(",".join(str(one) for one in HERE[first : first + threads_per_core]))
    return folder


def test_two_threads_of_a_core_count_once(tmp_path: Path):
    absent = tmp_path / "cpu.max"
    assert usable_cores(topology(tmp_path / "one", 1), absent) == len(HERE)
    assert usable_cores(topology(tmp_path / "two", 2), absent) == (len(HERE) + 1) // 2


def test_a_machine_that_says_nothing_has_as_many_cores_as_processors(tmp_path: Path):
    assert usable_cores(tmp_path / "nowhere", tmp_path / "cpu.max") == len(HERE)


@pytest.mark.parametrize(
    ("quota", "most"),
    [("100000 100000", 1), ("50000 100000", 1), ("max 100000", 999), ("", 999), ("nonsense", 999), ("1 0", 999)],
)
def test_a_quota_of_the_control_group_counts(tmp_path: Path, quota: str, most: int):
    (tmp_path / "cpu.max").write_text(quota)
    assert usable_cores(tmp_path / "nowhere", tmp_path / "cpu.max") == min(most, len(HERE))
