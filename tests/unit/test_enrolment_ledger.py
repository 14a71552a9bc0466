"""The journal is the ledger of enrolment: it remembers what has happened, and fails as enrolment expects of it."""

from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import ErrorReason, Fault, Overloaded
from doorward_testing.failing_disk import failing_disk
from doorward_testing.journals import open_patient_journal, operations_in


def test_what_was_recorded_is_held_after_a_restart(tmp_path: Path):
    with open_patient_journal(tmp_path) as ledger:
        ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert ledger.holds("op-1")
        assert not ledger.holds("op-2")
    with open_patient_journal(tmp_path) as ledger:
        assert ledger.holds("op-1")


def test_recording_again_changes_nothing(tmp_path: Path):
    with open_patient_journal(tmp_path) as ledger:
        for _ in range(3):
            ledger.record("op-1", "ERASE_SUBJECT", "anna")
        assert operations_in(ledger) == 1


def test_a_full_disk_is_reported_and_the_record_can_be_repeated(tmp_path: Path):
    with failing_disk(apsw.FullError) as disk, open_patient_journal(tmp_path) as ledger:
        disk.fail_after(0)
        with pytest.raises(Overloaded) as error:
            ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert error.value.reason is ErrorReason.STORAGE_FULL
        assert not ledger.holds("op-1")
        disk.repair()
        ledger.record("op-1", "ENROL_REFERENCE", "anna")
        assert ledger.holds("op-1")


def test_after_a_broken_write_the_ledger_says_nothing_before_a_restart(tmp_path: Path):
    with failing_disk(apsw.IOError) as disk, open_patient_journal(tmp_path) as ledger:
        disk.fail_after(0, lasting=False)
        for ask in (lambda: ledger.record("op-1", "ENROL_REFERENCE", "anna"), lambda: ledger.holds("op-1")):
            with pytest.raises(Fault) as error:
                ask()
            assert error.value.reason is ErrorReason.STORAGE_FAILED
