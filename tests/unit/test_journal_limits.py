"""The journal where room runs out, the disk is slow or broken, and what is kept for how long."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from doorward_daemon.errors import ErrorReason, Fault, NotReady, Overloaded
from doorward_daemon.journal import JournalSettings
from doorward_daemon.storage import Engine
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload
from doorward_testing.faulty_disk import FaultyDisk
from doorward_testing.journals import DAY_US, JournalSite, draft

SMALL = JournalSettings(max_bytes=2 * 1024 * 1024, spare_disk_bytes=0, append_timeout_ms=30_000)
PADDING = 8000


@pytest.fixture
def site(tmp_path: Path) -> JournalSite:
    return JournalSite(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> JournalSite:
    return JournalSite(tmp_path, SMALL)


def fill(journal, lane=Lane.LEDGER):
    """Records until there is no room; returns how many events went in."""
    for count in range(1000):
        try:
            journal.append(draft(count, lane=lane, padding=PADDING))
        except Overloaded as full:
            return count if full.reason is ErrorReason.STORAGE_FULL else -1
    raise AssertionError("1000 large events went into a journal of 2 MiB")


def test_a_full_journal_keeps_what_nobody_has_taken_over_and_refuses_more(small):
    with small.open() as journal:
        count = fill(journal)
        assert count > 100
        assert journal.lane_state(Lane.LEDGER).first_retained == 1
        assert journal.enforce_retention() == 0
        assert journal.failure is None
        kept = journal.read(Lane.LEDGER, 0, 1000, kind="test.counted")
        assert [decode_payload(event.payload)["number"] for event in kept] == list(range(count))


def test_a_full_journal_takes_events_again_as_soon_as_some_are_taken_over(small):
    with small.open() as journal:
        count = fill(journal)
        journal.acknowledge(Lane.LEDGER, count // 2)
        event = journal.append(draft(1, padding=PADDING))
        assert decode_payload(event.payload)["number"] == 1
        assert event.key.seq > count
        state = journal.lane_state(Lane.LEDGER)
        assert state.first_retained > 1
        assert journal.verify() is None
    with small.open() as journal:
        assert replace(journal.lane_state(Lane.LEDGER), unacknowledged_bytes=0) == replace(
            state, unacknowledged_bytes=0
        )


def test_bulk_makes_room_for_the_ledger_and_leaves_a_declared_hole(small):
    with small.open() as journal:
        journal.append_many([draft(number, lane=Lane.BULK, padding=PADDING) for number in range(80)])
        heard = []
        journal.subscribe(heard.extend)
        written = 0
        while not journal.status().evicted:
            journal.append(draft(written, padding=PADDING))
            written += 1
        hole = journal.newest(1, "journal.hole")[0]
        declared = decode_payload(hole.payload)
        bulk = journal.lane_state(Lane.BULK)
        assert declared == {
            "lane": "BULK",
            "from_seq": 1,
            "to_seq": bulk.first_retained - 1,
            "count": journal.status().evicted,
            "reason": "evicted",
        }
        assert hole.key.lane is Lane.LEDGER
        assert journal.lane_state(Lane.LEDGER).unacknowledged == written + 1
        assert bulk.unacknowledged == len(journal.read(Lane.BULK, 0, 1000)) == 80 - declared["count"]
        assert journal.outbox().bytes == sum(
            len(event.payload) for lane in Lane for event in journal.read(lane, 0, 1000)
        )
        assert hole in heard
        assert journal.verify() is None


def test_acknowledged_events_stay_a_week_and_no_longer(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(700)])
        site.reading.wall_time_us += 3 * DAY_US
        journal.append_many([draft(number) for number in range(10)])
        journal.acknowledge(Lane.LEDGER, 705)
        assert journal.enforce_retention() == 0
        site.reading.wall_time_us += 5 * DAY_US
        assert journal.enforce_retention() == 700
        assert journal.lane_state(Lane.LEDGER).first_retained == 701
        assert journal.verify() is None
        site.reading.wall_time_us += 30 * DAY_US
        assert journal.enforce_retention() == 5
        assert [event.key.seq for event in journal.read(Lane.LEDGER, 0, 100)] == list(range(706, 711))


def test_nothing_goes_by_age_while_the_clock_is_not_set(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(5)])
        journal.acknowledge(Lane.LEDGER, 5)
        site.reading.wall_time_us = 0
        assert journal.enforce_retention() == 0


def test_what_a_restored_centre_can_no_longer_get_is_a_declared_hole(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(5)])
        site.reading.wall_time_us += 6 * DAY_US
        journal.append_many([draft(number) for number in range(5)])
        journal.acknowledge(Lane.LEDGER, 9)
        site.reading.wall_time_us += 2 * DAY_US
        journal.enforce_retention()
        journal.rewind_to(Lane.LEDGER, 2)
        state = journal.lane_state(Lane.LEDGER)
        assert (state.acked, state.first_retained, state.last) == (2, 6, 11)
        declared = decode_payload(journal.read(Lane.LEDGER, 10, 1)[0].payload)
        assert (declared["from_seq"], declared["to_seq"], declared["reason"]) == (3, 5, "purged_after_ack")


def test_a_slow_disk_is_reported_in_time_and_what_it_writes_late_is_counted(site):
    disk = FaultyDisk("slow-disk")
    with site.open(Engine(vfs=disk.name)) as journal:
        disk.answers.clear()
        with pytest.raises(NotReady) as slow:
            journal.append(draft(1), timeout_s=0.05)
        assert slow.value.reason is ErrorReason.JOURNAL_SLOW
        assert disk.stalled.wait(10)
        assert journal.status().busy_s > 0
        assert journal.lane_state(Lane.LEDGER).last == 0
        disk.answers.set()
        assert journal.append(draft(2)).key.seq == 2
        assert [decode_payload(event.payload)["number"] for event in journal.newest(9)] == [2, 1]
        assert journal.status().late_commits == 1
        assert journal.failure is None


def test_callers_share_the_commits_of_a_slow_disk(site):
    disk = FaultyDisk("shared-commits")
    with site.open(Engine(vfs=disk.name)) as journal:
        disk.answers.clear()
        with ThreadPoolExecutor(30) as threads:
            first = threads.submit(journal.append, draft(0))
            assert disk.stalled.wait(10)
            others = [threads.submit(journal.append, draft(number)) for number in range(1, 30)]
            while journal.status().waiting < 29:
                threading.Event().wait(0.001)
            disk.answers.set()
            assert sorted(done.result().key.seq for done in [first, *others]) == list(range(1, 31))
        assert journal.status().commits == 2


def test_a_disk_that_never_answers_does_not_gather_callers_without_end(tmp_path):
    settings = JournalSettings(spare_disk_bytes=0, append_timeout_ms=1, max_waiting=5)
    disk = FaultyDisk("dead-disk")
    with JournalSite(tmp_path, settings).open(Engine(vfs=disk.name)) as journal:
        disk.answers.clear()
        reasons = []
        for number in range(10):
            with pytest.raises((NotReady, Overloaded)) as refusal:
                journal.append(draft(number))
            reasons.append(refusal.value.reason)
            assert disk.stalled.wait(10)
        disk.answers.set()
        assert reasons == [ErrorReason.JOURNAL_SLOW] * 6 + [ErrorReason.OVERLOADED] * 4


def test_after_an_error_of_the_disk_the_journal_has_failed_for_good(site):
    disk = FaultyDisk("broken-disk")
    with site.open(Engine(vfs=disk.name)) as journal:
        journal.append(draft(1))
        disk.fails_to_sync = True
        with pytest.raises(Fault) as fault:
            journal.append(draft(2))
        assert fault.value.reason is ErrorReason.STORAGE_FAILED
        disk.fails_to_sync = False
        assert journal.failure is not None
        for call in (lambda: journal.append(draft(3)), lambda: journal.read(Lane.LEDGER, 0, 1)):
            with pytest.raises(Fault):
                call()
        assert journal.lane_state(Lane.LEDGER).last == 1
    with site.open() as journal:
        # Whether the second one is there only the disk knows; there is no gap and nothing after it.
        assert journal.append(draft(4)).key.seq in {2, 3}
        assert journal.verify() is None


def test_a_full_disk_refuses_and_recovers_by_itself(site):
    disk = FaultyDisk("full-journal-disk")
    with site.open(Engine(vfs=disk.name)) as journal:
        disk.is_full = True
        with pytest.raises(Overloaded) as full:
            journal.append(draft(1))
        assert full.value.reason is ErrorReason.STORAGE_FULL
        disk.is_full = False
        assert journal.append(draft(2)).key.seq == 1
        assert journal.failure is None


def test_one_event_too_large_for_the_room_left_does_not_keep_small_ones_out(small):
    disk = FaultyDisk("mixed-sizes")
    with small.open(Engine(vfs=disk.name)) as journal:
        fill(journal)
        disk.answers.clear()
        with ThreadPoolExecutor(3) as threads:
            first = threads.submit(journal.append, draft(1))
            assert disk.stalled.wait(10)
            large = threads.submit(journal.append, draft(2, padding=60_000))
            tiny = threads.submit(journal.append, draft(3))
            while journal.status().waiting < 2:
                threading.Event().wait(0.001)
            disk.answers.set()
            assert first.result().key.seq + 1 == tiny.result().key.seq
            with pytest.raises(Overloaded):
                large.result()
