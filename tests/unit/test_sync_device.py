"""The device's machine, one rule at a time."""

from dataclasses import replace

import pytest

from doorward_sync.chain import genesis
from doorward_sync.device_io import DeviceState
from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import (
    Acknowledge,
    EpochOpened,
    EventsRead,
    LaneRewound,
    OpenEpoch,
    ReadEvents,
    RewindTo,
)
from doorward_sync.event import EventKey, Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import (
    Ack,
    Batch,
    Conflict,
    GoAway,
    GoAwayReason,
    HaveThrough,
    Heartbeat,
    HelloAck,
    HoleReason,
    Rewind,
)
from doorward_sync.outputs import Alarm, AlarmKind, Close, CloseReason, Send
from doorward_testing.sync_disks import DeviceDisk, make_event
from doorward_testing.sync_nodes import hello_of

LIMITS = UplinkLimits(batch_events=3)
LEDGER = Lane.LEDGER


def _disk(events, acked=0, keep=None):
    disk = DeviceDisk(7)
    for number in range(events):
        disk.append(LEDGER, f"event-{number}")
    disk.lanes[LEDGER].acked = acked
    if keep is not None:
        disk.purge(LEDGER, keep)
    return disk


def _ack(have=0, chain_head=b"", credit=2):
    return HelloAck(
        protocol=1,
        session_id="s1",
        have=(HaveThrough(lane=LEDGER, through_seq=have, chain_head=chain_head),),
        credit=credit,
        centre_time_us=0,
        heartbeat_interval_s=15,
    )


def _open(disk, ack):
    session = DeviceSession(hello_of("gate", disk), (0, 0), LIMITS, 0.0)
    session.start()
    return session, _carried_out(session, disk, session.received(ack, 0.0))


def _carried_out(session, disk, outputs):
    """Answers storage at once; returns everything that came out."""
    done, todo = [], list(outputs)
    while todo:
        output = todo.pop(0)
        done.append(output)
        if isinstance(output, ReadEvents):
            read = EventsRead(lane=output.lane, after_seq=output.after_seq, events=disk.read(output))
            todo += session.stored(read, 0.0)
        elif isinstance(output, RewindTo):
            disk.lanes[output.lane].acked = output.through_seq
            todo += session.stored(LaneRewound(status=disk.status(output.lane)), 0.0)
        elif isinstance(output, Acknowledge):
            disk.lanes[output.lane].acked = output.through_seq
    return done


def _seqs(outputs):
    batches = [one.message for one in outputs if isinstance(one, Send) and isinstance(one.message, Batch)]
    return [[event.key.seq for event in batch.events] for batch in batches]


def _alarms(outputs):
    return [one.kind for one in outputs if isinstance(one, Alarm)]


def test_batches_go_out_in_order_and_no_more_than_the_credit():
    disk = _disk(10)
    session, outputs = _open(disk, _ack())
    assert _seqs(outputs) == [[1, 2, 3], [4, 5, 6]]
    assert _seqs(
        _carried_out(session, disk, session.received(Ack(session_id="s1", lane=LEDGER, through_seq=3), 1.0))
    ) == [[7, 8, 9]]


def test_a_batch_holds_no_more_bytes_than_a_slow_link_carries():

    disk = _disk(3)
    disk.lanes[LEDGER].rows = {
        seq: replace(event, payload=b"x" * 60_000 * (2 if seq == 1 else 3))
        for seq, event in disk.lanes[LEDGER].rows.items()
    }
    _, outputs = _open(disk, _ack())
    assert _seqs(outputs) == [[1], [2]]


@pytest.mark.parametrize(("session_id", "through"), [("s0", 3), ("s1", 0)])
def test_an_ack_of_another_session_or_of_what_is_known_changes_nothing(session_id, through):
    session, _ = _open(_disk(4), _ack())
    assert session.received(Ack(session_id=session_id, lane=LEDGER, through_seq=through), 1.0) == []
    assert session.lanes[LEDGER].acked == 0


@pytest.mark.parametrize(
    "answer",
    [
        Ack(session_id="s1", lane=LEDGER, through_seq=5),
        Rewind(session_id="s1", lane=LEDGER, from_seq=6),
        Conflict(session_id="s1", lane=LEDGER, seq=5),
        _ack(),
    ],
)
def test_what_breaks_the_protocol_ends_the_stream_and_acknowledges_nothing(answer):
    session, _ = _open(_disk(4), _ack())
    outputs = session.received(answer, 1.0)
    assert _alarms(outputs) == [AlarmKind.PROTOCOL_ERROR]
    assert [one.reason for one in outputs if isinstance(one, Close)] == [CloseReason.PROTOCOL]
    assert not [one for one in outputs if isinstance(one, Acknowledge)]


def test_a_rewind_sends_again_from_there():
    disk = _disk(6)
    session, _ = _open(disk, _ack())
    assert _seqs(
        _carried_out(session, disk, session.received(Rewind(session_id="s1", lane=LEDGER, from_seq=2), 1.0))
    ) == [
        [2, 3, 4],
        [5, 6],
    ]


def test_a_centre_that_went_back_gets_again_what_is_kept():
    disk = _disk(6, acked=6)
    _, outputs = _open(disk, _ack(have=4, chain_head=disk.lanes[LEDGER].rows[4].chain_hash))
    assert AlarmKind.CENTRE_WENT_BACK in _alarms(outputs)
    assert _seqs(outputs) == [[5, 6]]


def test_what_was_purged_after_the_acknowledgement_is_told_as_a_hole():
    disk = _disk(6, acked=6, keep=1)
    _, outputs = _open(disk, _ack(have=2))
    batch = next(one.message for one in outputs if isinstance(one, Send))
    assert [(hole.from_seq, hole.to_seq, hole.reason) for hole in batch.holes] == [(3, 5, HoleReason.PURGED_AFTER_ACK)]
    assert [event.key.seq for event in batch.events] == [6]


def test_chains_that_differ_are_compared_from_the_oldest_event_that_is_kept():
    disk = _disk(6, acked=6, keep=4)
    _, outputs = _open(disk, _ack(have=6, chain_head=b"another"))
    assert _alarms(outputs) == [AlarmKind.CLONE_SUSPECTED]
    assert _seqs(outputs) == [[3, 4, 5], [6]]


def test_a_centre_with_more_than_the_journal_wrote_makes_it_open_a_new_epoch():
    disk = _disk(2, acked=2)
    session, outputs = _open(disk, _ack(have=5))
    assert OpenEpoch() in outputs
    assert session.state is DeviceState.MOVING
    assert session.stored(EpochOpened(), 1.0) == [Close(reason=CloseReason.NEW_EPOCH, reconnect_s=(0.0, 0.0))]


def test_a_conflict_opens_a_new_epoch_and_nothing_is_sent_until_then():
    disk = _disk(8)
    session, _ = _open(disk, _ack())
    outputs = session.received(Conflict(session_id="s1", lane=LEDGER, seq=2), 1.0)
    assert OpenEpoch() in outputs
    assert session.appended(LEDGER, 9) == []


def test_silence_of_three_intervals_ends_the_stream_and_heartbeats_keep_it():
    session, _ = _open(_disk(0), _ack())
    assert session.tick(15.0, 1, 2) == [Send(Heartbeat(boottime_ns=1, wall_time_us=2))]
    session.received(Heartbeat(boottime_ns=0, wall_time_us=0), 40.0)
    assert not [one for one in session.tick(84.0, 1, 2) if isinstance(one, Close)]
    assert session.tick(85.0, 1, 2) == [Close(reason=CloseReason.SILENT)]


def test_an_acknowledgement_that_never_comes_ends_the_stream():
    session, _ = _open(_disk(1), _ack())
    session.received(Heartbeat(boottime_ns=0, wall_time_us=0), 59.0)
    assert session.tick(60.0, 0, 0) == [Close(reason=CloseReason.ANSWER_LATE)]


def test_a_greeting_that_never_comes_ends_the_stream():
    session = DeviceSession(hello_of("gate", _disk(0)), (0, 0), LIMITS, 0.0)
    assert session.tick(9.9, 0, 0) == []
    assert session.tick(10.0, 0, 0) == [Close(reason=CloseReason.GREETING_LATE)]


def test_go_away_names_the_range_of_the_return():
    session, _ = _open(_disk(0), _ack())
    message = GoAway(reason=GoAwayReason.OVERLOADED, reconnect_after_min_ms=500, reconnect_after_max_ms=2000)
    (close,) = session.received(message, 1.0)
    assert (close.reason, close.reconnect_s) == (CloseReason.SENT_AWAY, (0.5, 2.0))
    assert session.received(_ack(), 2.0) == []


def test_a_journal_with_a_gap_says_so_and_sends_nothing():
    disk = _disk(4)
    del disk.lanes[LEDGER].rows[2]
    _, outputs = _open(disk, _ack())
    assert [one.reason for one in outputs if isinstance(one, Close)] == [CloseReason.JOURNAL_GAP]
    assert _seqs(outputs) == []


def test_the_chain_of_a_test_event_is_the_real_one():
    event = make_event(EventKey(epoch=7, lane=LEDGER, seq=1), "event-0", genesis(7, LEDGER))
    assert _disk(1).lanes[LEDGER].rows[1] == event
