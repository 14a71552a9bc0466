"""The figures of the record: the journal beside SQLite alone, and the start of the daemon that only records."""

from pathlib import Path

from doorward_testing.daemon import run_command


def test_the_journal_is_measured_beside_what_the_disk_can_do(tmp_path: Path):
    report = run_command("doorwardd", "bench", "journal", "--json", "--repeat", "50", home=tmp_path).json()
    for part in ("single", "batch_100"):
        assert report[part]["n"] >= 25
        assert report[part]["events_per_s"] > 0
        # Both sides write the same rows durably in turns: one cannot be many times the other, noise aside.
        assert 0.02 < report[part]["ratio"] < 5.0
    assert report["callers_50"]["n"] == 50
    assert report["synchronous"] == "FULL"


def test_the_start_of_ledger_only_is_measured_beside_its_libraries(tmp_path: Path):
    report = run_command(
        "doorwardd", "bench", "startup", "--ledger-only", "--wal-mib", "8", "--json", "--repeat", "1", home=tmp_path
    )
    figures = report.json()
    assert figures["start_to_ready_ms"] > figures["libraries_only_ms"] > 0
    assert (figures["n"], figures["wal_mib"]) == (1, 8)
