"""Which events of some kinds wait for the centre: what a start looks up to announce them again."""

from dataclasses import replace

import pytest

from doorward_daemon.journal import EventDraft
from doorward_sync.event import Lane
from doorward_testing.journals import JournalSite, draft

KINDS = ("camera.lost", "door.fault")


@pytest.fixture
def site(tmp_path):
    return JournalSite(tmp_path)


def _alarm(number, kind="camera.lost", lane=Lane.LEDGER):
    return EventDraft(kind, {"number": number}, lane)


def test_the_newest_of_those_kinds_are_found_oldest_first_also_far_back(site):
    with site.open() as journal:
        alarms = journal.append_many([_alarm(number) for number in range(4)])
        for _ in range(3):
            journal.append_many([draft(number) for number in range(900)])
        alarms += journal.append_many([_alarm(4), _alarm(5, "door.fault")])
        assert journal.waiting(KINDS, 10) == alarms
        assert journal.waiting(KINDS, 3) == alarms[-3:]
        assert journal.waiting(("door.fault",), 10) == alarms[-1:]
        assert journal.waiting(("nothing",), 10) == []
    with site.open() as journal:
        assert journal.waiting(KINDS, 10) == alarms


def test_what_the_centre_has_or_what_it_will_never_get_does_not_wait(site):
    with site.open() as journal:
        alarms = journal.append_many([_alarm(number) for number in range(3)])
        journal.acknowledge(Lane.LEDGER, alarms[0].key.seq)
        assert journal.waiting(KINDS, 10) == alarms[1:]
        journal.quarantine(Lane.LEDGER, alarms[2].key.seq, "it broke the stream")
        assert journal.waiting(KINDS, 10) == alarms[1:2]
        journal.acknowledge(Lane.LEDGER, journal.lane_state(Lane.LEDGER).last)
        assert journal.waiting(KINDS, 10) == []


def test_both_lanes_are_looked_at_and_a_new_epoch_has_new_keys(site):
    with site.open() as journal:
        ledger, bulk = journal.append(_alarm(0)), journal.append(_alarm(1, lane=Lane.BULK))
        assert journal.waiting(KINDS, 1) == [ledger, bulk]
        journal.open_epoch()
        found = journal.waiting(KINDS, 1)
        assert [one.event_id for one in found] == [ledger.event_id, bulk.event_id]
        assert {one.key.epoch for one in found} == {journal.epoch} != {ledger.key.epoch}
        assert found[0] == replace(ledger, key=found[0].key, chain_hash=found[0].chain_hash)
