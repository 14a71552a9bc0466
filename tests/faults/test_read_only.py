"""A disk that may only be read: refused with what to do, and left as it is."""

import subprocess
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.journal.book import JournalBook
from doorward_sync.event import Event, Lane
from doorward_testing.daemon import run_command
from doorward_testing.failing_disk import failing_disk
from doorward_testing.forgetful_journal import forgetful
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


def become_read_only(folder: Path) -> list[Event | Conflict]:
    """Records two events, the second one on a disk that may only be read; what the caller was told of each.

    Everything that was told is on disk afterwards, and the chain holds.
    """
    told: list[Event | Conflict] = []
    with failing_disk(apsw.ReadOnlyError) as disk:
        with JournalSite(folder).open() as journal:
            for number in (1, 2):
                try:
                    told.append(journal.append(draft(number)))
                except Conflict as refusal:
                    told.append(refusal)
                disk.fail_after(0)
            disk.repair()
        with JournalSite(folder).open() as journal:
            kept = {event.event_id for event in journal.read(Lane.LEDGER, 0, 10)}
            lost = [one.event_id for one in told if isinstance(one, Event) and one.event_id not in kept]
            assert lost == [], "told, and not on disk"
            assert journal.verify() is None
    return told


def test_a_disk_that_becomes_read_only_refuses_by_type_and_loses_nothing(tmp_path: Path):
    written, refused = become_read_only(tmp_path)
    assert isinstance(written, Event)
    assert isinstance(refused, Conflict)
    assert refused.reason is ErrorReason.DATA_FOLDER_UNUSABLE


def test_a_journal_that_takes_a_refusal_for_a_success_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(JournalBook, "write", forgetful(JournalBook.write))
    with pytest.raises(AssertionError, match="told, and not on disk"):
        become_read_only(tmp_path)
