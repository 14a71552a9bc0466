"""The journal: places without gaps, links, one record per operation, watermarks, readings."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import apsw
import pytest

from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput, NotReady
from doorward_daemon.journal import EventDraft
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import EventKey, Lane
from doorward_sync.payload import decode_payload
from doorward_testing.journals import JournalSite, draft


@pytest.fixture
def site(tmp_path: Path) -> JournalSite:
    return JournalSite(tmp_path)


@pytest.fixture
def journal(site):
    with site.open() as journal:
        yield journal


def numbers(events):
    return [decode_payload(event.payload)["number"] for event in events]


def test_an_event_has_its_place_its_time_and_its_identity(journal, site):
    event = journal.append(draft(7))
    assert event.key == EventKey(journal.epoch, Lane.LEDGER, 1)
    assert UUID(event.event_id).version == 7
    assert (event.time.boot_id, event.time.wall_time_us) == ("boot-1", site.reading.wall_time_us)
    assert numbers([event]) == [7]
    assert journal.read(Lane.LEDGER, 0, 10) == [event]


def test_places_have_no_gaps_when_many_threads_write(journal):
    with ThreadPoolExecutor(8) as threads:
        events = list(threads.map(lambda number: journal.append(draft(number), 30), range(400)))
    assert sorted(event.key.seq for event in events) == list(range(1, 401))
    stored = journal.read(Lane.LEDGER, 0, 1000)
    assert [event.key.seq for event in stored] == list(range(1, 401))
    assert sorted(numbers(stored)) == list(range(400))
    assert first_broken(stored, genesis(journal.epoch, Lane.LEDGER)) is None


def test_a_changed_byte_breaks_the_chain_at_its_event(journal):
    events = journal.append_many([draft(number) for number in range(5)])
    start = genesis(journal.epoch, Lane.LEDGER)
    assert first_broken(events, start) is None
    third = events[2]
    forged = [
        replace(third, payload=third.payload.replace(b"2", b"3")),
        replace(third, kind="test.other"),
        replace(third, time=replace(third.time, wall_time_us=third.time.wall_time_us + 1)),
        replace(third, event_id=events[1].event_id),
    ]
    for event in forged:
        assert first_broken([*events[:2], event, *events[3:]], start) == third.key
    assert first_broken([*events[:2], *events[3:]], start) == events[3].key


def test_a_byte_changed_in_the_file_is_found(site):
    with site.open() as journal:
        for start in (0, 600):
            journal.append_many([draft(number) for number in range(start, start + 600)])
        assert journal.verify() is None
        epoch = journal.epoch
    connection = apsw.Connection(str(site.folder / "journal.db"))
    connection.execute("UPDATE journal_events SET payload = CAST('{\"number\":99}' AS BLOB) WHERE seq = 1100")
    connection.close()
    with site.open() as journal:
        assert journal.verify() == EventKey(epoch, Lane.LEDGER, 1100)


def test_lanes_have_sequences_of_their_own_and_bulk_has_no_chain(journal):
    journal.append(draft(1))
    bulk = [journal.append(draft(number, lane=Lane.BULK)) for number in (2, 3)]
    assert [event.key.seq for event in bulk] == [1, 2]
    assert {event.chain_hash for event in bulk} == {b""}
    assert numbers(journal.newest(10)) == [3, 2, 1]


def test_what_was_recorded_is_there_after_a_restart_and_the_sequence_goes_on(site):
    with site.open() as journal:
        epoch = journal.epoch
        before = journal.append_many([draft(number) for number in range(3)])
        journal.acknowledge(Lane.LEDGER, 2)
        state = journal.lane_state(Lane.LEDGER)
    with site.open() as journal:
        assert journal.epoch == epoch
        assert journal.lane_state(Lane.LEDGER) == state
        after = journal.append(draft(3))
        assert after.key.seq == 4
        assert first_broken([*before, after], genesis(epoch, Lane.LEDGER)) is None


def test_an_operation_is_recorded_once(journal):
    first = journal.append(draft(1, op_id="op-1"))
    again = journal.append_many([draft(2, op_id="op-1"), draft(3, op_id="op-2"), draft(4, op_id="op-2")])
    assert again[0] == first
    assert again[1] == again[2]
    assert journal.lane_state(Lane.LEDGER).last == 2
    assert journal.event_of("op-1") == first
    assert journal.event_of("op-9") is None


def test_enrolment_can_use_it_as_its_ledger(journal):
    assert not journal.holds("op-1")
    journal.record("op-1", "ERASE_SUBJECT", "ada")
    journal.record("op-1", "ERASE_SUBJECT", "ada")
    assert journal.holds("op-1")
    assert [event.kind for event in journal.newest(9)] == ["subject.erased"]


def test_events_are_read_by_kind_over_many_of_another(journal):
    for start in range(0, 3000, 1000):
        journal.append(EventDraft("door.opened", {"number": start}))
        journal.append_many([draft(number) for number in range(1000)])
    assert numbers(journal.read(Lane.LEDGER, 0, 2, "door.opened")) == [0, 1000]
    assert numbers(journal.newest(2, "door.opened")) == [2000, 1000]
    assert journal.read(Lane.LEDGER, 3003, 5) == []


def test_the_watermark_moves_up_only_and_never_beyond_what_is_there(journal):
    events = journal.append_many([draft(number) for number in range(5)])
    journal.acknowledge(Lane.LEDGER, 3)
    journal.acknowledge(Lane.LEDGER, 2)
    state = journal.lane_state(Lane.LEDGER)
    assert (state.acked, state.last, state.chain_head_at_acked) == (3, 5, events[2].chain_hash)
    with pytest.raises(InvalidInput) as refusal:
        journal.acknowledge(Lane.LEDGER, 6)
    assert refusal.value.reason is ErrorReason.CURSOR_INVALID


def test_the_outbox_says_what_waits_and_since_when(journal, site):
    events = journal.append_many([draft(number) for number in range(5)])
    journal.append(draft(9, lane=Lane.BULK))
    site.reading.boottime_ns += 60_000_000_000
    outbox = journal.outbox()
    assert outbox.unacknowledged == 6
    assert outbox.oldest_age_s == pytest.approx(60, abs=1)
    journal.acknowledge(Lane.LEDGER, 4)
    journal.acknowledge(Lane.BULK, 1)
    assert journal.outbox().unacknowledged == 1
    assert journal.outbox().bytes == len(events[4].payload)
    journal.acknowledge(Lane.LEDGER, 5)
    assert (journal.outbox().unacknowledged, journal.outbox().bytes, journal.outbox().oldest_age_s) == (0, 0, None)


def test_a_restored_centre_gets_the_rest_again(journal):
    journal.append_many([draft(number) for number in range(5)])
    before = journal.lane_state(Lane.LEDGER)
    journal.acknowledge(Lane.LEDGER, 5)
    journal.rewind_to(Lane.LEDGER, 0)
    assert journal.lane_state(Lane.LEDGER) == before
    with pytest.raises(InvalidInput):
        journal.rewind_to(Lane.LEDGER, 1)


def test_followers_hear_of_every_event_in_order_and_one_that_fails_does_no_harm(journal):
    heard, done = [], threading.Event()

    def broken(events):
        raise RuntimeError("a follower's mistake")

    def follow(events):
        heard.extend(events)
        if len(heard) == 50:
            done.set()

    journal.subscribe(broken)
    stop = journal.subscribe(follow)
    for number in range(50):
        journal.append(draft(number))
    assert done.wait(10)
    assert [event.key.seq for event in heard] == list(range(1, 51))
    stop()
    journal.append(draft(50))
    assert len(heard) == 50
    assert journal.failure is None


@pytest.mark.parametrize(
    "wrong",
    [
        EventDraft("Door Opened", {}),
        EventDraft("door", {}),
        EventDraft("door.opened", {"score": float("nan")}),
        EventDraft("door.opened", {"picture": b"bytes"}),
        EventDraft("door.opened", {"text": "x" * 70_000}),
        EventDraft("door.opened", {}, op_id=""),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_no_gap(journal, wrong):
    with pytest.raises(InvalidInput) as refusal:
        journal.append(wrong)
    assert refusal.value.reason is ErrorReason.FIELD_INVALID
    assert journal.append(draft(1)).key.seq == 1


def test_a_second_opener_is_refused_and_the_first_goes_on(journal, site):
    with pytest.raises(Conflict) as refusal:
        site.open()
    assert refusal.value.reason is ErrorReason.DATA_FOLDER_HELD
    assert journal.append(draft(1)).key.seq == 1


def test_a_closed_journal_says_so(site):
    with site.open() as journal:
        pass
    with pytest.raises(NotReady):
        journal.append(draft(1))
