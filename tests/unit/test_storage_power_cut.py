"""A power cut at any moment: what was confirmed is there, in order, and the file opens."""

import random
from pathlib import Path

import pytest

from doorward_daemon.errors import Fault
from doorward_daemon.journal.book import open_book
from doorward_daemon.journal.opening import JOURNAL_SCHEMA
from doorward_daemon.storage import DatabaseDamaged, Engine, StorageSettings, open_database
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import Lane
from doorward_testing.faulty_disk import FaultyDisk
from doorward_testing.journals import JournalSite, draft, stamped
from doorward_testing.power_cut import RecordingDisk, write_image

EVENTS = 300
CUTS = 200
ROOM = StorageSettings(spare_disk_bytes=0)


def record(folder: Path, synchronous: str):
    """Writes events one by one; returns the disk and how many were confirmed after how many operations."""
    disk = RecordingDisk(f"recorder-{synchronous}")
    book = open_book(open_database(folder / "journal.db", JOURNAL_SCHEMA, ROOM, Engine(disk.name, synchronous)))
    confirmed = [(len(disk.operations), 0)]
    for number in range(1, EVENTS + 1):
        book.write([[stamped(draft(number))]])
        confirmed.append((len(disk.operations), number))
        if number % 20 == 0:
            book.acknowledge(Lane.LEDGER, number)
            book.database.fold_log()
    book.database.close()
    return disk, confirmed


def after_the_cut(disk, folder, at, seed):
    """Events that a stock disk shows after a cut; None where the file is damaged."""
    write_image(disk.cut(at, seed), folder)
    try:
        book = open_book(open_database(folder / "journal.db", JOURNAL_SCHEMA, ROOM))
    except DatabaseDamaged:
        return None
    state = book.lanes[Lane.LEDGER]
    events = book.events.after(Lane.LEDGER, 0, state.last, EVENTS + 1)
    assert [event.key.seq for event in events] == list(range(1, state.last + 1))
    assert first_broken(events, genesis(book.epoch, Lane.LEDGER)) is None
    assert book.database.run("PRAGMA integrity_check") == [("ok",)]
    book.database.close()
    return len(events)


def losses(tmp_path, synchronous):
    """Cuts that lost a confirmed event, and cuts that left a damaged file."""
    disk, confirmed = record(tmp_path / "written", synchronous)
    chance = random.Random(20)
    lost = damaged = 0
    for cut in range(CUTS):
        at = chance.randint(confirmed[0][0], len(disk.operations))
        promised = max(number for operations, number in confirmed if operations <= at)
        found = after_the_cut(disk, tmp_path / f"cut-{cut}", at, seed=cut)
        damaged += found is None
        lost += found is not None and found < promised
    return lost, damaged


@pytest.mark.timeout(300)
def test_no_confirmed_event_is_lost_by_a_power_cut(tmp_path: Path):
    assert losses(tmp_path, "FULL") == (0, 0)


@pytest.mark.timeout(300)
def test_the_same_cuts_lose_events_where_commits_are_not_synced(tmp_path: Path):
    lost, damaged = losses(tmp_path, "NORMAL")
    assert lost > CUTS // 10
    assert damaged == 0


def test_a_cut_while_the_journal_is_made_leaves_one_that_opens(tmp_path: Path):
    disk = RecordingDisk("recorder-birth")
    open_book(open_database(tmp_path / "journal.db", JOURNAL_SCHEMA, ROOM, Engine(disk.name))).database.close()
    for at in range(len(disk.operations) + 1):
        folder = tmp_path / f"cut-{at}"
        write_image(disk.cut(at, seed=at), folder)
        with JournalSite(folder).open() as journal:
            assert journal.append(draft(1)).key.seq in {1, 2}


def write_until_it_fails(folder: Path, calls: int) -> tuple[int, bool]:
    """Writes on a disk that fails after so many calls; returns what was confirmed and whether it failed."""
    disk = FaultyDisk("fails-at")
    book = open_book(open_database(folder / "journal.db", JOURNAL_SCHEMA, ROOM, Engine(disk.name)))
    disk.calls_before_failure = calls
    confirmed = 0
    try:
        for number in range(1, 8):
            book.write([[stamped(draft(number))]])
            confirmed = number
            book.database.fold_log()
    except Fault:
        assert book.database.failure is not None
    book.database.close()
    return confirmed, book.database.failure is not None


def test_a_failure_of_any_call_to_the_disk_is_an_error_and_never_a_false_promise(tmp_path: Path):
    for calls in range(500):
        folder = tmp_path / f"calls-{calls}"
        confirmed, failed = write_until_it_fails(folder, calls)
        with JournalSite(folder).open() as journal:
            stored = journal.lane_state(Lane.LEDGER).last
            assert journal.verify() is None
        assert confirmed <= stored <= confirmed + 1
        assert not list(folder.glob("lost+found"))
        if not failed:
            break
    assert calls > 30
    assert confirmed == 7
