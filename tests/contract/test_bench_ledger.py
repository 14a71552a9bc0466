"""The figures of the record and the gallery: beside SQLite alone, sealing alone, and the libraries alone."""

from pathlib import Path

import pytest

from doorward_testing.daemon import run_command


def test_the_journal_is_measured_beside_what_the_disk_can_do(tmp_path: Path):
    report = run_command("doorwardd", "bench", "journal", "--json", "--repeat", "50", home=tmp_path).json()
    for part in ("single", "batch_100"):
        assert report[part]["n"] >= 25
        assert report[part]["events_per_s"] > 0
        # Both sides write the same rows durably in turns: one cannot be many times the other. Medians: one commit
        # that a busy disk holds up outweighs the fifty others in a mean.
        assert 0.02 < report[part]["ratio_of_medians"] < 5.0
        assert report[part]["ratio"] > 0.02
    assert report["callers_50"]["n"] == 50
    assert report["synchronous"] == "FULL"


def test_the_start_of_ledger_only_is_measured_beside_its_libraries(tmp_path: Path):
    report = run_command(
        "doorwardd", "bench", "startup", "--ledger-only", "--wal-mib", "8", "--json", "--repeat", "1", home=tmp_path
    )
    figures = report.json()
    assert figures["start_to_ready_ms"] > figures["libraries_only_ms"] > 0
    assert (figures["n"], figures["wal_mib"]) == (1, 8)


def test_a_gallery_of_the_centre_is_brought_into_force_while_it_is_searched(tmp_path: Path):
    report = run_command("doorwardd", "bench", "gallery", "--json", "--subjects", "350", home=tmp_path).json()
    assert (report["subjects"], report["in_force"]) == (350, 1350)
    assert report["subjects_per_s"] == pytest.approx(350 / report["into_force_s"], rel=0.01)
    assert report["sealing_alone_subjects_per_s"] > report["subjects_per_s"]
    assert report["longest_search_ms"] >= report["search_meanwhile_ms"]["p99"] > 0
    assert report["searches"] >= 1
    assert not list(tmp_path.iterdir()), "the measured gallery stays behind"
