"""A journal whose keys are taken goes on under new ones: what waits keeps its identity, the rest its key."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from doorward_daemon.journal import EventDraft
from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.reading import first_broken_event
from doorward_sync.event import Lane
from doorward_sync.fingerprint import content_digest
from doorward_testing.journals import JournalSite, draft


@pytest.fixture
def site(tmp_path):
    return JournalSite(tmp_path)


def test_what_waits_is_numbered_from_one_and_stays_what_it_was(site):
    with site.open() as journal:
        for number in range(5):
            journal.append(draft(number, op_id=f"op-{number}"))
        journal.append(draft(9, lane=Lane.BULK))
        journal.acknowledge(Lane.LEDGER, 2)
        waiting = journal.read(Lane.LEDGER, 2, 10)
        before = journal.epoch
        journal.open_epoch()
        renumbered = journal.read(Lane.LEDGER, 0, 10)
        assert journal.epoch != before
        assert [event.key.seq for event in renumbered] == [1, 2, 3, 4]
        assert renumbered[-1].kind == "journal.epoch_opened"
        assert [content_digest(event) for event in renumbered[:3]] == [content_digest(event) for event in waiting]
        assert [event.key.seq for event in journal.read(Lane.BULK, 0, 10)] == [1]
        assert (journal.outbox().unacknowledged, journal.lane_state(Lane.LEDGER).acked) == (5, 0)
        assert journal.verify() is None
        assert [journal.event_of(f"op-{number}").key.epoch for number in range(5)] == [before] * 2 + [journal.epoch] * 3


def test_a_new_epoch_outlives_a_restart_and_goes_on(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(3)])
        journal.open_epoch()
        epoch = journal.epoch
    with site.open() as journal:
        assert journal.epoch == epoch
        assert journal.append(draft(7)).key.seq == 5
        assert journal.verify() is None


def test_those_who_follow_hear_of_a_new_epoch_and_of_nothing_twice(site):
    heard = []
    with site.open() as journal:
        journal.append(EventDraft("test.counted", {"number": 1}))
        journal.subscribe(lambda events: heard.extend(event.kind for event in events))
        journal.open_epoch()
        assert journal.read(Lane.LEDGER, 0, 10)
    assert heard == ["journal.epoch_opened"]


def test_a_check_of_the_chain_that_meets_a_new_epoch_begins_again(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(5)])
        opened = []

        def on_writer(work):
            if not opened:
                opened.append(True)
                journal.open_epoch()
            return journal._on_writer(work)

        assert first_broken_event(on_writer, journal._book) is None
        assert opened


def test_a_check_that_begins_while_a_new_epoch_is_taken_over_finds_nothing_broken(site, monkeypatch):
    is_loading, go_on, load = threading.Event(), threading.Event(), JournalBook._load

    def load_when_told(book, lane):
        is_loading.set()
        assert go_on.wait(10)
        return load(book, lane)

    with site.open() as journal, ThreadPoolExecutor(2) as threads:
        journal.append_many([draft(number) for number in range(5)])
        journal.acknowledge(Lane.LEDGER, 3)
        monkeypatch.setattr(JournalBook, "_load", load_when_told)
        opening = threads.submit(journal.open_epoch)
        assert is_loading.wait(10)
        checking = threads.submit(journal.verify)
        while not journal.status().waiting and not checking.done():
            pass
        go_on.set()
        assert checking.result(10) is None
        opening.result(10)
