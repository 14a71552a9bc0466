"""SIGKILL at random moments: what was confirmed is there once, in its place, by a record kept outside the process.

A kill alone cannot tell a durable journal from one that only reached the system's memory: the power cuts of
test_power_cuts.py do.
"""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import apsw
import pytest

from doorward_sync.event import Lane
from doorward_testing import journal_appender
from doorward_testing.journals import JournalSite

KILLS = 100
LONGEST_LIFE_S = 0.06


def run_and_kill(folder: Path, run: str, life_s: float) -> dict[str, int]:
    """Starts the process, kills it; returns what it had confirmed: the place of every operation."""
    command = [sys.executable, journal_appender.__file__, str(folder), run]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        # The moment of the kill is the point of this test, so here time passes.
        time.sleep(life_s)
        process.kill()
        rest = process.stdout.read()
    lines = (first + rest).decode("ascii").splitlines()
    return {op_id: int(seq) for op_id, seq in (line.split() for line in lines)}


def stored(folder: Path) -> list[tuple[str, int]]:
    """Every operation and its place, read without our code."""
    connection = apsw.Connection(str(folder / "journal.db"))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    rows = connection.execute("SELECT op_id, seq FROM journal_events ORDER BY seq").fetchall()
    connection.close()
    return rows


@pytest.mark.system
@pytest.mark.timeout(600)
def test_a_hundred_kills_lose_nothing_double_nothing_and_leave_no_gap(tmp_path: Path):
    chance = random.Random(7)
    promised: dict[str, int] = {}
    for kill in range(KILLS):
        promised |= run_and_kill(tmp_path, f"run{kill}", chance.uniform(0, LONGEST_LIFE_S))
    rows = stored(tmp_path)
    assert {op_id: seq for op_id, seq in rows if op_id in promised} == promised
    assert [op_id for op_id, times in Counter(op_id for op_id, _ in rows).items() if times > 1] == []
    assert [seq for _, seq in rows] == list(range(1, len(rows) + 1))
    # At most one event per kill was written without its confirmation having got out.
    assert len(rows) - len(promised) <= KILLS
    assert len(promised) >= KILLS
    with JournalSite(tmp_path).open() as journal:
        assert journal.verify() is None
        assert journal.lane_state(Lane.LEDGER).last == len(rows)
