"""One event that a centre cannot take is found by halving, put aside, and the queue goes on; many of them brake it."""

import math

import pytest

from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import EventsRead
from doorward_sync.event import Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import GoAway, GoAwayReason, HelloAck
from doorward_sync.poison import BRAKE_COUNT, BRAKE_WINDOW_S, STRIKES, PoisonWatch, StreamEnd, Verdict
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

LEDGER = Lane.LEDGER


def _streams_until_found(watch: PoisonWatch, poisoned: set[int], last: int, end: StreamEnd, now_s: float = 0.0):
    """Streams against a centre that dies of some events: what was acknowledged, put aside, and how many streams."""
    acked, streams, aside = 0, 0, []
    while acked < last:
        streams += 1
        assert streams < 1000
        if watch.verdict(LEDGER, acked, now_s) == (Verdict.SET_ASIDE, acked + 1):
            aside.append(acked + 1)
            watch.was_set_aside(LEDGER, now_s)
            acked += 1
            continue
        if watch.verdict(LEDGER, acked, now_s)[0] is Verdict.BRAKE:
            break
        through = min(last, acked + watch.limit(LEDGER, 200))
        if any(acked < seq <= through for seq in poisoned):
            watch.ended(LEDGER, (acked + 1, through), end, alone=True)
        else:
            acked = through
            watch.acknowledged(LEDGER, through)
    return acked, aside, streams


def test_the_one_event_is_found_and_everything_else_arrives():
    for poisoned in (1, 2, 77, 199, 200):
        watch = PoisonWatch()
        acked, aside, streams = _streams_until_found(watch, {poisoned}, 500, StreamEnd.BROKEN)
        assert (acked, aside) == (500, [poisoned])
        # Three streams for each halving, each half that was well, and the rest of the queue.
        assert streams <= (STRIKES + 1) * (math.ceil(math.log2(200)) + 1) + 10


def test_a_refusal_by_type_needs_one_stream_where_a_broken_one_needs_three():
    refused = _streams_until_found(PoisonWatch(), {50}, 200, StreamEnd.REFUSED)
    broken = _streams_until_found(PoisonWatch(), {50}, 200, StreamEnd.BROKEN)
    assert refused[1] == broken[1] == [50]
    assert refused[2] < broken[2]


def test_streams_that_break_after_different_batches_condemn_nothing():
    watch = PoisonWatch()
    for first in (1, 201, 401, 601):
        watch.ended(LEDGER, (first, first + 199), StreamEnd.BROKEN, alone=True)
    assert watch.limit(LEDGER, 200) == 200
    assert watch.verdict(LEDGER, 600, 0.0)[0] is Verdict.SEND


def test_a_centre_that_refuses_everything_makes_the_device_stop_putting_events_aside():
    watch = PoisonWatch()
    everything = set(range(1, 2000))
    _, aside, _ = _streams_until_found(watch, everything, 1999, StreamEnd.REFUSED)
    assert len(aside) == BRAKE_COUNT
    _, later, _ = _streams_until_found(watch, everything, 1999, StreamEnd.REFUSED, now_s=BRAKE_WINDOW_S + 1)
    assert len(later) == BRAKE_COUNT


def test_a_stream_that_was_ended_in_order_blames_nothing():
    watch = PoisonWatch()
    for _ in range(3 * STRIKES):
        watch.ended(LEDGER, (1, 1), StreamEnd.ORDERLY, alone=True)
    assert not watch.is_suspicious
    assert watch.verdict(LEDGER, 0, 0.0)[0] is Verdict.SEND


@pytest.mark.parametrize("reason", GoAwayReason)
def test_a_go_away_blames_the_batch_under_way_only_where_the_centre_could_not_read_it(reason: GoAwayReason):
    memory = StreamMemory()
    for _ in range(1 if reason is GoAwayReason.PROTOCOL else STRIKES):
        disk = DeviceDisk(7)
        event = disk.append(LEDGER, "the only one")
        session = DeviceSession(hello_of("gate", disk), (0, 0), UplinkLimits(), 0.0, memory)
        session.start()
        session.received(
            HelloAck(protocol=1, session_id="s", have=(), credit=2, centre_time_us=0, heartbeat_interval_s=25), 0.0
        )
        assert session.stored(EventsRead(lane=LEDGER, after_seq=0, events=(event,)), 0.0)
        session.received(GoAway(reason=reason, reconnect_after_min_ms=0, reconnect_after_max_ms=0), 1.0)
        session.ended(StreamEnd.BROKEN, "the connection follows", 1.0)
    assert memory.poison.is_suspicious == (reason is GoAwayReason.PROTOCOL)


def test_a_batch_that_was_not_alone_is_suspected_and_not_blamed():
    watch = PoisonWatch()
    for _ in range(5):
        watch.ended(LEDGER, (1, 1), StreamEnd.REFUSED, alone=False)
        watch.ended(Lane.BULK, (1, 1), StreamEnd.REFUSED, alone=False)
    assert watch.is_suspicious
    assert watch.verdict(LEDGER, 0, 0.0)[0] is Verdict.SEND
    watch.acknowledged(LEDGER, 1)
    watch.ended(Lane.BULK, (1, 1), StreamEnd.REFUSED, alone=True)
    assert watch.verdict(Lane.BULK, 0, 0.0) == (Verdict.SET_ASIDE, 1)
    watch.was_set_aside(Lane.BULK, 0.0)
    assert not watch.is_suspicious
