"""The ledger remembers what has happened, for as long as its folder lives."""

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, ErrorReason, Fault, Overloaded
from doorward_daemon.state.ledger import LEDGER_FILE, open_ledger
from doorward_testing.failing_disk import failing_disk


def test_what_was_recorded_is_held_after_a_restart(tmp_path: Path):
    with open_ledger(tmp_path) as ledger:
        ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert ledger.holds("op-1")
        assert not ledger.holds("op-2")
    with open_ledger(tmp_path) as ledger:
        assert ledger.holds("op-1")


def test_recording_again_changes_nothing(tmp_path: Path):
    with open_ledger(tmp_path) as ledger:
        for _ in range(3):
            ledger.record("op-1", "ERASE_SUBJECT", "anna")
        assert ledger._connection.execute("SELECT count(*) FROM ledger_operations").get == 1


def test_every_record_is_synced_to_the_disk(tmp_path: Path):
    with open_ledger(tmp_path) as ledger:
        assert ledger._connection.pragma("synchronous") == 2
        assert ledger._connection.pragma("journal_mode") == "wal"


def test_a_second_opener_of_the_ledger_is_refused(tmp_path: Path):
    with open_ledger(tmp_path):
        with pytest.raises(Conflict) as error:
            open_ledger(tmp_path)
        assert error.value.reason is ErrorReason.DATA_FOLDER_HELD
        script = (
            "import pathlib, sys, doorward_daemon.state.ledger as room; room.open_ledger(pathlib.Path(sys.argv[1]))"
        )
        other = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert "stop the process that has it open" in other.stderr


def test_another_programs_file_and_a_newer_one_are_refused(tmp_path: Path):
    with open_ledger(tmp_path):
        pass
    for pragma, value in (("user_version", 99), ("application_id", 7)):
        connection = apsw.Connection(str(tmp_path / LEDGER_FILE))
        connection.pragma(pragma, value)
        connection.close()
        with pytest.raises(Conflict) as error:
            open_ledger(tmp_path)
        assert error.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE


def test_a_damaged_ledger_is_reported(tmp_path: Path):
    (tmp_path / LEDGER_FILE).write_bytes(b"no ledger at all " * 1000)
    with pytest.raises(Fault) as error:
        open_ledger(tmp_path)
    assert error.value.reason is ErrorReason.STORAGE_FAILED


def test_a_ledger_without_its_folder_is_refused(tmp_path: Path):
    with pytest.raises(Conflict) as error:
        open_ledger(tmp_path / "missing")
    assert error.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE


def test_a_full_disk_is_reported_and_the_record_can_be_repeated(tmp_path: Path):
    with failing_disk(apsw.FullError) as disk, open_ledger(tmp_path) as ledger:
        disk.fail_after(0)
        with pytest.raises(Overloaded) as error:
            ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert error.value.reason is ErrorReason.STORAGE_FULL
        assert not ledger.holds("op-1")
        disk.repair()
        ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert ledger.holds("op-1")


def test_after_a_broken_write_the_ledger_says_nothing_before_a_restart(tmp_path: Path):
    with failing_disk(apsw.IOError) as disk, open_ledger(tmp_path) as ledger:
        disk.fail_after(0, lasting=False)
        for ask in (lambda: ledger.record("op-1", "ENROL_REFERENCE", "anna"), lambda: ledger.holds("op-1")):
            with pytest.raises(Fault) as error:
                ask()
            assert error.value.reason is ErrorReason.STORAGE_FAILED
