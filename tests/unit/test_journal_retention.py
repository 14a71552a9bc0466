"""What stays in a journal, by class, and what goes first: lane BULK, the quarantine, damaged journals."""

from dataclasses import replace

import pytest

from doorward_daemon.journal.recovery import LOST_AND_FOUND
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload
from doorward_testing.journals import DAY_US, PATIENT, JournalSite, draft


@pytest.fixture
def site(tmp_path):
    site = JournalSite(tmp_path, replace(PATIENT, bulk_max_bytes=64 * 1024))
    site.reading.synchronised = True
    return site


def test_acknowledged_statistics_go_after_a_day_and_the_ledger_after_a_week(site):
    with site.open() as journal:
        for lane in Lane:
            journal.append(draft(1, lane=lane))
            journal.acknowledge(lane, 1)
        kept, began_us = [], site.reading.wall_time_us
        for days in (0.5, 1.5, 6.5, 7.5):
            site.reading.wall_time_us = began_us + int(days * DAY_US)
            journal.enforce_retention()
            kept.append([len(journal.read(lane, 0, 10)) for lane in (Lane.LEDGER, Lane.BULK)])
        assert kept == [[1, 1], [1, 0], [1, 0], [0, 0]]


def test_statistics_that_nobody_takes_over_keep_within_their_budget_and_leave_a_declared_hole(site):
    with site.open() as journal:
        journal.append(draft(0))
        for number in range(0, 2000, 100):
            journal.append_many([draft(number + one, lane=Lane.BULK, padding=100) for one in range(100)])
        journal.enforce_retention()
        bulk = journal.lane_state(Lane.BULK)
        assert bulk.unacknowledged_bytes <= 64 * 1024
        assert bulk.unacknowledged == len(journal.read(Lane.BULK, 0, 3000)) > 0
        holes = [decode_payload(one.payload) for one in journal.newest(100, "journal.hole")][::-1]
        # One after the other, from the first one on: nothing is missing that is not declared.
        assert [hole["from_seq"] for hole in holes] == [1, *(hole["to_seq"] + 1 for hole in holes[:-1])]
        assert holes[-1]["to_seq"] == bulk.first_retained - 1
        # The ledger has lost nothing, and verifies.
        assert len(journal.read(Lane.LEDGER, 0, 1000)) == 1 + len(holes)
        assert journal.verify() is None


def test_the_quarantine_keeps_its_quota_and_never_drops_what_the_centre_was_not_told(tmp_path):
    site = JournalSite(tmp_path, replace(PATIENT, quarantine_max_events=2))
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(5)])
        for seq in range(1, 5):
            journal.quarantine(Lane.LEDGER, seq, "the centre cannot take it")
        journal.enforce_retention()
        assert journal.quarantined(Lane.LEDGER) == {1, 2, 3, 4}
        journal.acknowledge(Lane.LEDGER, 3)
        journal.enforce_retention()
        assert journal.quarantined(Lane.LEDGER) == {3, 4}
        # The events themselves are in the record all the same.
        assert [event.key.seq for event in journal.read(Lane.LEDGER, 0, 5)] == [1, 2, 3, 4, 5]
    with site.open() as journal:
        assert journal.quarantined(Lane.LEDGER) == {3, 4}


def _damage(site) -> None:
    with site.open() as journal:
        journal.append(draft(1))
    (site.folder / "journal.db").write_bytes(b"no journal" * 1000)


def _set_aside(site):
    return sorted(one.name for one in (site.folder / LOST_AND_FOUND).glob("*Z"))


def test_of_damaged_journals_the_newest_stay(tmp_path):
    site = JournalSite(tmp_path, replace(PATIENT, set_aside_max_count=2))
    seen = []
    for _ in range(4):
        _damage(site)
        with site.open():
            seen = _set_aside(site)
    with site.open():
        assert _set_aside(site) == seen[-2:]


def test_damaged_journals_keep_within_their_size_and_the_newest_one_always_stays(tmp_path):
    site = JournalSite(tmp_path, replace(PATIENT, set_aside_max_bytes=0))
    for _ in range(3):
        _damage(site)
        with site.open():
            newest = _set_aside(site)[-1]
    with site.open():
        assert _set_aside(site) == [newest]


def test_a_damaged_journal_whose_recovery_is_not_finished_is_never_deleted(tmp_path):
    site = JournalSite(tmp_path, replace(PATIENT, set_aside_max_bytes=0))
    for _ in range(2):
        _damage(site)
        with site.open():
            pass
    for folder in (tmp_path / LOST_AND_FOUND).glob("*Z"):
        (folder / "recovered").unlink()
    before = _set_aside(site)
    with site.open():
        assert _set_aside(site) == before
