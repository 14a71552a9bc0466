"""What no centre can take is kept aside, declared, and neither lost nor sent again."""

import pytest

from doorward_daemon.uplink.absent_gallery import AbsentGallery
from doorward_daemon.uplink.storage import UplinkStorage
from doorward_sync.device_storage import EventsRead, Quarantine, ReadEvents
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload
from doorward_testing.journals import JournalSite, draft


@pytest.fixture
def site(tmp_path):
    return JournalSite(tmp_path)


def test_the_event_stays_in_the_ledger_and_its_declaration_follows(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(3)])
        journal.quarantine(Lane.LEDGER, 2, "the centre cannot take it")
        journal.quarantine(Lane.LEDGER, 2, "again")
        events = journal.read(Lane.LEDGER, 0, 10)
        assert [event.kind for event in events] == ["test.counted"] * 3 + ["journal.quarantined"]
        facts = decode_payload(events[-1].payload)
        assert (facts["from_seq"], facts["to_seq"], facts["reason"]) == (2, 2, "quarantined")
        assert facts["payload_digest"] == events[1].payload_digest.hex()
        assert journal.verify() is None


def test_it_is_still_known_after_a_restart_and_told_to_the_uplink(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(3)])
        assert UplinkStorage(journal, AbsentGallery()).carry_out(
            Quarantine(lane=Lane.LEDGER, seq=2, reason="the centre cannot take it")
        )
    with site.open() as journal:
        read = UplinkStorage(journal, AbsentGallery()).carry_out(ReadEvents(lane=Lane.LEDGER, after_seq=0, limit=10))
        assert isinstance(read, EventsRead)
        assert read.quarantined == {2}
        assert len(read.events) == 4


def test_a_new_epoch_does_not_bring_it_back(site):
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(3)])
        journal.quarantine(Lane.LEDGER, 2, "the centre cannot take it")
        journal.open_epoch()
        numbers = [
            decode_payload(event.payload)["number"]
            for event in journal.read(Lane.LEDGER, 0, 10)
            if event.kind == "test.counted"
        ]
        assert numbers == [0, 2]
        assert journal.quarantined(Lane.LEDGER) == frozenset()


def test_an_event_that_is_gone_already_is_not_declared_again(site):
    with site.open() as journal:
        journal.append(draft(1))
        journal.quarantine(Lane.LEDGER, 7, "evicted in the meantime")
        assert [event.kind for event in journal.read(Lane.LEDGER, 0, 10)] == ["test.counted"]
