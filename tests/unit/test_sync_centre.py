"""The centre's machine and the rule of a batch, one rule at a time."""

from dataclasses import replace

import pytest

from doorward_sync.admission import admit
from doorward_sync.batch_run import ProtocolError, run_of
from doorward_sync.centre_greeting import CentreGreeting
from doorward_sync.centre_io import CentreState
from doorward_sync.centre_session import CentreSession
from doorward_sync.centre_storage import BatchStored, LanesLoaded, LoadLanes, StoreBatch, StoreFailed
from doorward_sync.event import Lane
from doorward_sync.fingerprint import content_digest, event_digest
from doorward_sync.limits import LARGEST_CREDIT, UplinkLimits
from doorward_sync.messages import Ack, Batch, Conflict, GoAway, GoAwayReason, HelloAck, Hole, HoleReason, Rewind
from doorward_sync.outputs import Alarm, Close, CloseReason, Send
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

LIMITS = UplinkLimits(batch_events=5)
LEDGER = Lane.LEDGER
DISK = DeviceDisk(7)
EVENTS = [DISK.append(LEDGER, f"event-{number}") for number in range(12)]


def _batch(first, last, holes=()):
    return Batch(lane=LEDGER, events=tuple(EVENTS[first - 1 : last]), holes=holes)


def _open(device_id="gate"):
    session = CentreSession(CentreGreeting(session_id="s1", device_id=device_id, gallery_revision=0), LIMITS, 0.0)
    session.received(hello_of("gate", DeviceDisk(7)), 0.0)
    session.stored(LanesLoaded(()), 0.0, 0)
    return session


def _sent(outputs):
    return [one.message for one in outputs if isinstance(one, Send)]


def test_the_greeting_waits_for_storage():
    session = CentreSession(CentreGreeting(session_id="s1", device_id="", gallery_revision=0), LIMITS, 0.0)
    assert session.received(hello_of("gate", DISK), 0.0) == [LoadLanes(device_id="gate", epoch=7)]
    (greeting,) = _sent(session.stored(LanesLoaded(()), 0.0, 5))
    assert isinstance(greeting, HelloAck)
    assert (greeting.session_id, greeting.have, greeting.credit) == ("s1", (), 2)


def test_a_batch_is_acknowledged_when_it_is_committed_and_not_before():
    session = _open()
    assert session.received(_batch(1, 3), 1.0) == [StoreBatch(device_id="gate", epoch=7, batch=_batch(1, 3))]
    assert session.stored(BatchStored(lane=LEDGER, confirmed_through=3), 2.0, 0) == [
        Send(Ack(session_id="s1", lane=LEDGER, through_seq=3))
    ]


def test_a_gap_is_not_stored_and_is_told_once():
    session = _open()
    session.received(_batch(1, 2), 1.0)
    assert _sent(session.received(_batch(4, 5), 1.0)) == [Rewind(session_id="s1", lane=LEDGER, from_seq=3)]
    assert session.received(_batch(6, 7), 1.0) == []
    assert session.received(_batch(3, 5), 1.0) == [StoreBatch(device_id="gate", epoch=7, batch=_batch(3, 5))]


def test_after_a_conflict_nothing_of_the_lane_is_taken_any_more():
    session = _open()
    session.received(_batch(1, 3), 1.0)
    outputs = session.stored(BatchStored(lane=LEDGER, confirmed_through=1, conflict_seq=2), 1.0, 0)
    assert _sent(outputs) == [
        Ack(session_id="s1", lane=LEDGER, through_seq=1),
        Conflict(session_id="s1", lane=LEDGER, seq=2),
    ]
    assert session.received(_batch(4, 5), 1.0) == []


def test_a_disk_that_fails_ends_the_stream_without_an_acknowledgement():
    session = _open()
    session.received(_batch(1, 3), 1.0)
    outputs = session.stored(StoreFailed("no space"), 1.0, 0)
    assert [message.reason for message in _sent(outputs)] == [GoAwayReason.STORAGE_FAILED]
    assert session.state is CentreState.CLOSED


def test_a_device_that_ignores_its_credit_is_sent_away():
    session = _open()
    for _ in range(LARGEST_CREDIT):
        session.received(_batch(1, 1), 1.0)
    assert any(isinstance(one, Close) for one in session.received(_batch(1, 1), 1.0))


@pytest.mark.parametrize("message", [hello_of("gate", DISK), Batch(lane=LEDGER, events=()), _batch(1, 6)])
def test_what_breaks_the_protocol_ends_the_stream(message):
    outputs = _open().received(message, 1.0)
    assert any(isinstance(one, Alarm) for one in outputs)
    assert [message.reason for message in _sent(outputs)] == [GoAwayReason.PROTOCOL]


def test_a_device_is_who_it_has_proved_to_be():
    session = CentreSession(CentreGreeting(session_id="s1", device_id="kiosk", gallery_revision=0), LIMITS, 0.0)
    assert any(isinstance(one, Close) for one in session.received(hello_of("gate", DISK), 0.0))


def test_a_device_of_another_protocol_is_sent_away():
    session = CentreSession(CentreGreeting(session_id="s1", device_id="", gallery_revision=0), LIMITS, 0.0)
    hello = replace(hello_of("gate", DISK), min_protocol=2, max_protocol=3)
    assert isinstance(_sent(session.received(hello, 0.0))[0], GoAway)


def test_a_session_that_was_taken_over_says_go_away_and_hears_nothing_more():
    session = _open()
    outputs = session.end(GoAwayReason.TAKEN_OVER)
    assert [one.reason for one in outputs if isinstance(one, Close)] == [CloseReason.TAKEN_OVER]
    assert session.received(_batch(1, 1), 1.0) == []


def test_the_same_batch_changes_nothing_the_second_time():
    first = admit(0, _batch(1, 3), {}, {})
    assert (first.inserts, first.have_through) == (tuple(EVENTS[:3]), 3)
    known = {event.key.seq: event_digest(event) for event in first.inserts}
    second = admit(3, _batch(1, 3), known, {})
    assert (second.inserts, second.have_through, second.confirmed_through) == ((), 3, 3)


def test_only_what_the_batch_covers_is_confirmed():
    known = {event.key.seq: event_digest(event) for event in EVENTS}
    assert admit(10, _batch(1, 3), known, {}).confirmed_through == 3


def test_another_event_under_the_same_key_is_kept_aside_with_all_after_it():
    known = {2: event_digest(replace(EVENTS[1], event_id="other"))}
    admission = admit(2, _batch(1, 3), {1: event_digest(EVENTS[0]), **known}, {})
    assert (admission.conflict_seq, admission.disputed) == (2, tuple(EVENTS[1:3]))
    assert (admission.inserts, admission.have_through, admission.confirmed_through) == ((), 2, 1)


def test_an_event_that_moved_to_a_new_epoch_is_not_stored_twice():
    admission = admit(0, _batch(1, 2), {}, {EVENTS[0].event_id: content_digest(EVENTS[0])})
    assert (admission.moved, admission.inserts) == ((EVENTS[0],), (EVENTS[1],))
    assert admit(0, _batch(1, 1), {}, {EVENTS[0].event_id: b"other"}).conflict_seq == 1


def test_a_declared_hole_counts_as_present():
    hole = Hole(from_seq=1, to_seq=3, reason=HoleReason.PURGED_AFTER_ACK)
    assert admit(0, _batch(4, 5, holes=(hole,)), {}, {}).have_through == 5
    assert admit(0, _batch(4, 5), {}, {}).missing_from == 1


@pytest.mark.parametrize(
    "batch",
    [
        replace(_batch(1, 1), events=(EVENTS[0], EVENTS[2])),
        replace(_batch(1, 1), events=(EVENTS[1], EVENTS[0], EVENTS[0])),
        replace(_batch(1, 1), lane=Lane.BULK),
        _batch(2, 2, holes=(Hole(from_seq=0, to_seq=1, reason=HoleReason.EVICTED),)),
        _batch(4, 4, holes=(Hole(from_seq=3, to_seq=1, reason=HoleReason.EVICTED),)),
    ],
)
def test_a_batch_with_a_gap_or_of_another_lane_breaks_the_protocol(batch):
    with pytest.raises(ProtocolError):
        run_of(batch, 7, LIMITS)


def test_an_event_in_the_place_of_a_declared_hole_is_another_one():
    admission = admit(3, _batch(1, 2), {1: event_digest(EVENTS[0]), 3: event_digest(EVENTS[2])}, {})
    assert (admission.conflict_seq, admission.disputed) == (2, (EVENTS[1],))
    assert (admission.inserts, admission.have_through, admission.confirmed_through) == ((), 3, 1)
