"""Disks that are full, frozen, short of inodes or limited: typed refusals, nothing lost, and back without help."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from doorward_daemon.errors import DoorwardError, ErrorReason, NotReady, Overloaded
from doorward_daemon.journal import Journal, JournalSettings, making_room
from doorward_sync.event import Lane
from doorward_testing.campaign import Campaign
from doorward_testing.journals import JournalSite, draft
from doorward_testing.small_disk import filled, freezable_disk, frozen, small_disk, without_inodes

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(300)]
MIB = 1024 * 1024
CAPPED = JournalSettings(spare_disk_bytes=0, max_bytes=8 * MIB, append_timeout_ms=30_000)
"""On a disk of 14 MiB: the headroom, more than the longest log, is what lets rows go."""
UNCAPPED = JournalSettings(spare_disk_bytes=0, max_bytes=64 * MIB, append_timeout_ms=30_000)
BACK_WITHIN_S = 30.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


def fill_up(journal: Journal) -> int:
    """Records until it is refused for want of room; returns how many were taken."""
    for number in range(100_000):
        try:
            journal.append_many([draft(number * 20 + place, padding=400) for place in range(20)])
        except Overloaded:
            return number * 20
    raise AssertionError("a small disk takes for ever")


def check_whole(journal: Journal) -> None:
    assert journal.failure is None
    assert journal.verify() is None


def test_a_disk_filled_by_another_program_refuses_by_type_and_takes_events_again_by_itself(
    campaign: Campaign, disk: Path
):
    rounds = campaign.count("runs", 5, 100)
    longest_s, told = 0.0, 0
    with JournalSite(disk / "data", CAPPED).open() as journal:
        for _ in range(rounds):
            with filled(disk):
                before = journal.lane_state(Lane.LEDGER).last
                with pytest.raises(Overloaded) as refusal:
                    fill_up_slowly(journal)
                assert refusal.value.reason is ErrorReason.STORAGE_FULL
                taken = journal.lane_state(Lane.LEDGER).last - before
                # What it knows, it still tells.
                assert len(journal.read(Lane.LEDGER, 0, 10)) == min(10, before + taken)
            longest_s = max(longest_s, seconds_until_it_takes_events(journal))
            journal.acknowledge(Lane.LEDGER, journal.lane_state(Lane.LEDGER).last)
            told = journal.lane_state(Lane.LEDGER).last
            check_whole(journal)
    with JournalSite(disk / "data", CAPPED).open() as journal:
        assert journal.lane_state(Lane.LEDGER).last == told
        check_whole(journal)
    campaign.note("disk_filled_by_another", rounds=rounds, longest_return_s=round(longest_s, 3), lost=0)
    assert longest_s < BACK_WITHIN_S


def test_the_ledger_lives_on_the_reserve_when_another_program_takes_the_rest(tmp_path: Path):
    settings = JournalSettings(spare_disk_bytes=16 * MIB, max_bytes=32 * MIB, append_timeout_ms=30_000)
    with small_disk(tmp_path / "disk", "24m") as disk, JournalSite(disk / "data", settings).open() as journal:
        journal.append(draft(0))
        with filled(disk, leaving_bytes=12 * MIB):
            wait_until_refused(lambda: journal.append(draft(0, lane=Lane.BULK)))
            for number in range(500):
                journal.append(draft(number, padding=400))
            # An eighth is left for what lets rows go.
            with pytest.raises(Overloaded):
                fill_up_slowly(journal)
            taken = journal.lane_state(Lane.LEDGER).last
            journal.acknowledge(Lane.LEDGER, taken)
            assert journal.lane_state(Lane.LEDGER).acked == taken > 500
        assert seconds_until_it_takes_events(journal) < BACK_WITHIN_S
        check_whole(journal)


def wait_until_refused(append: Callable[[], object]) -> None:
    """A look at the free space counts for a second: a disk that fills faster is noticed then."""
    deadline_s = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < deadline_s:
        try:
            append()
        except Overloaded:
            return
        threading.Event().wait(0.05)
    raise AssertionError("telemetry is taken from the reserve")


def fill_up_slowly(journal: Journal) -> None:
    for number in range(100_000):
        journal.append(draft(number, padding=400))


def seconds_until_it_takes_events(journal: Journal) -> float:
    began_s = time.monotonic()
    while time.monotonic() - began_s < BACK_WITHIN_S:
        try:
            journal.append(draft(0))
            break
        except DoorwardError:
            threading.Event().wait(0.05)
    return time.monotonic() - began_s


def test_a_journal_at_its_cap_keeps_everything_and_acknowledgements_make_room(disk: Path):
    with JournalSite(disk / "data", CAPPED).open() as journal:
        taken = fill_up(journal)
        assert taken > 1000
        assert journal.lane_state(Lane.LEDGER).first_retained == 1
        journal.acknowledge(Lane.LEDGER, taken // 2)
        assert journal.enforce_retention() > 0
        journal.append(draft(1, padding=400))
        told = len(journal.newest(1000, "storage.state_changed"))
        assert journal.lane_state(Lane.LEDGER).unacknowledged == taken - taken // 2 + 1 + told
        check_whole(journal)


def test_bulk_makes_way_for_the_ledger_on_a_full_disk_and_leaves_declared_holes(disk: Path):
    with JournalSite(disk / "data", CAPPED).open() as journal:
        bulk = fill_bulk(journal)
        for number in range(200):
            journal.append(draft(number, padding=400))
        holes = journal.newest(1000, "journal.hole")
        assert holes
        assert journal.status().evicted > 0
        assert bulk > journal.lane_state(Lane.BULK).unacknowledged
        check_whole(journal)


def fill_bulk(journal: Journal) -> int:
    """Telemetry beyond what there is room for: the oldest goes, nobody is refused."""
    count = 20_000
    for number in range(0, count, 100):
        journal.append_many([draft(number + place, lane=Lane.BULK, padding=400) for place in range(100)])
    return count


def test_without_a_cap_inside_a_full_disk_lets_nothing_go(disk: Path):
    with JournalSite(disk / "data", UNCAPPED).open() as journal:
        journal.acknowledge(Lane.LEDGER, fill_up(journal) // 2)
        assert journal.enforce_retention() == 0
        with pytest.raises(Overloaded):
            fill_up_slowly(journal)


def test_a_deletion_of_everything_at_once_finds_no_room_where_small_ones_do(
    disk: Path, monkeypatch: pytest.MonkeyPatch
):
    with JournalSite(disk / "data", CAPPED).open() as journal:
        taken = fill_up(journal)
        monkeypatch.setattr(making_room, "MOST_AT_ONCE", 10**9)
        with pytest.raises(Overloaded):
            let_everything_go(journal, taken)
        monkeypatch.undo()
        let_everything_go(journal, taken)
        check_whole(journal)


def let_everything_go(journal: Journal, taken: int) -> None:
    journal.acknowledge(Lane.LEDGER, taken)
    assert journal.enforce_retention() > 0


def test_a_disk_without_inodes_keeps_the_record_going(tmp_path: Path):
    with (
        small_disk(tmp_path / "disk", inodes=64) as disk,
        JournalSite(disk / "data", CAPPED).open() as journal,
        without_inodes(disk),
    ):
        for number in range(500):
            journal.append(draft(number, padding=400))
        journal.acknowledge(Lane.LEDGER, 400)
        check_whole(journal)


def test_a_frozen_disk_is_told_in_time_and_what_waited_is_written_late(tmp_path: Path):
    impatient = JournalSettings(spare_disk_bytes=0, append_timeout_ms=250)
    with freezable_disk(tmp_path / "disk") as disk, JournalSite(disk / "data", impatient).open() as journal:
        journal.append(draft(1), timeout_s=30.0)
        with frozen(disk):
            for number in range(2, 6):
                began_s = time.monotonic()
                with pytest.raises(NotReady) as refusal:
                    journal.append(draft(number))
                assert refusal.value.reason is ErrorReason.JOURNAL_SLOW
                assert time.monotonic() - began_s < 5.0
            assert journal.status().busy_s > 0.5
        assert journal.append(draft(6), timeout_s=30.0).key.seq == 6
        assert journal.status().late_commits >= 1
        check_whole(journal)
