"""A disk that may only be read: refused with what to do, and left as it is."""

import subprocess
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_sync.event import Lane
from doorward_testing.daemon import run_command
from doorward_testing.failing_disk import failing_disk
from doorward_testing.journals import JournalSite, draft
from doorward_testing.ledger_home import write_ledger_home
from doorward_testing.small_disk import small_disk

pytestmark = [pytest.mark.faults, pytest.mark.system]


def test_a_read_only_disk_is_refused_with_what_to_do_and_left_as_it_is(tmp_path: Path):
    with small_disk(tmp_path / "disk", "24m") as disk:
        home = write_ledger_home(disk / "home")
        with JournalSite(home / "data").open() as journal:
            journal.append(draft(1))
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = run_command("doorwardd", "serve", "--ledger-only", home=home)
        assert done.code == 2
        assert "DATA_FOLDER_UNUSABLE" in done.stderr
        assert "write access" in done.stderr
        assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_disk_that_becomes_read_only_refuses_by_type_and_loses_nothing(tmp_path: Path):
    with failing_disk(apsw.ReadOnlyError) as disk:
        with JournalSite(tmp_path).open() as journal:
            journal.append(draft(1))
            disk.fail_after(0)
            with pytest.raises(Conflict) as refusal:
                journal.append(draft(2))
            assert refusal.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE
            disk.repair()
        with JournalSite(tmp_path).open() as journal:
            assert journal.lane_state(Lane.LEDGER).last in {1, 2}
            assert journal.verify() is None
