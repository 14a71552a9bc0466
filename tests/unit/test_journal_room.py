"""How full the record is stands in the record; what must not be refused goes into the reserve; a copy is made daily."""

import time
from dataclasses import replace

import apsw
import pytest

from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.journal import EventDraft, JournalSettings
from doorward_daemon.storage.backup import DailyBackup
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload
from doorward_testing.journals import JournalSite, draft

SMALL = JournalSettings(max_bytes=2 * 1024 * 1024, spare_disk_bytes=0, append_timeout_ms=30_000)


@pytest.fixture
def small(tmp_path):
    return JournalSite(tmp_path, SMALL)


def _fill(journal) -> int:
    for count in range(1000):
        try:
            journal.append(draft(count, padding=8000))
        except Overloaded as full:
            return count if full.reason is ErrorReason.STORAGE_FULL else -1
    raise AssertionError("1000 large events went into a journal of 2 MiB")


def _states(journal) -> list[str]:
    return [decode_payload(one.payload)["state"] for one in journal.newest(100, "storage.state_changed")][::-1]


def test_a_full_journal_says_so_in_its_own_record_and_still_takes_what_is_never_refused(small):
    with small.open() as journal:
        _fill(journal)
        assert journal.storage_problem.startswith("STORAGE_CRITICAL")
        assert _states(journal) == ["SHORT", "CRITICAL"]
        for number in range(5):
            journal.append(EventDraft("subject.erased", {"op_id": f"op-{number}"}, op_id=f"op-{number}"))
        with pytest.raises(Overloaded):
            journal.append(draft(1, padding=8000))
        assert journal.verify() is None


def test_a_disk_without_the_space_that_has_to_stay_free_is_critical(small):
    with small.open() as journal:
        journal.append(draft(0))
    small.settings = replace(SMALL, spare_disk_bytes=1 << 50)
    with small.open() as journal:
        with pytest.raises(Overloaded):
            journal.append(draft(1))
        assert journal.storage_problem.startswith("STORAGE_CRITICAL")


def test_a_copy_stands_alone_and_the_one_before_is_kept(tmp_path):
    source = apsw.Connection(str(tmp_path / "one.db"))
    source.pragma("locking_mode", "EXCLUSIVE")
    source.pragma("journal_mode", "WAL")
    source.execute("CREATE TABLE t (n INTEGER, filling BLOB)")
    backup = DailyBackup(source, tmp_path / "one.db")
    assert backup.is_due()
    for generation in (1, 2, 3):
        source.executemany("INSERT INTO t VALUES (?, zeroblob(4000))", [(number,) for number in range(400)])
        pieces = 1
        while not backup.step():
            pieces += 1
            if pieces == 2:
                source.execute("INSERT INTO t VALUES (0, NULL)")
        assert pieces > 1
        copy = apsw.Connection(str(tmp_path / "one.db.bak"), flags=apsw.SQLITE_OPEN_READONLY)
        assert copy.execute("SELECT count(*) FROM t").get == generation * 401
        copy.close()
    assert not backup.is_due()
    assert sorted(path.name for path in tmp_path.glob("*.bak*")) == ["one.db.bak", "one.db.bak.1"]


def test_an_idle_journal_makes_its_copy_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("doorward_daemon.journal.writer._IDLE_S", 0.05)
    site = JournalSite(tmp_path)
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(10)])
        deadline_s = time.monotonic() + 30
        while not (tmp_path / "journal.db.bak").exists():
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        assert journal.append(draft(11)).key.lane is Lane.LEDGER
