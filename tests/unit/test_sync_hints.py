"""An alarm runs ahead of the queue as a hint, changes nothing of what is acknowledged, and comes in its turn."""

from dataclasses import replace

from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import EventsRead, ReadEvents
from doorward_sync.event import Lane
from doorward_sync.hints import MOST_HINTS
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Ack, HelloAck, Hint
from doorward_sync.outputs import Send
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

LEDGER = Lane.LEDGER
GREETING = HelloAck(protocol=1, session_id="s", have=(), credit=2, centre_time_us=0, heartbeat_interval_s=25)


class Box:
    """A device with a disk and one stream."""

    def __init__(self, events: int, memory: StreamMemory | None = None) -> None:
        self.disk = DeviceDisk(7)
        self.memory = memory or StreamMemory()
        for number in range(events):
            self.disk.append(LEDGER, f"event-{number}")

    def connect(self):
        limits = UplinkLimits(batch_events=3)
        self.session = DeviceSession(hello_of("gate", self.disk), (0, 0), limits, 0.0, self.memory)
        self.session.start()
        return self.did(self.session.received(GREETING, 0.0))

    def did(self, outputs):
        """What is sent, once the disk has answered."""
        sent = []
        for output in outputs:
            if isinstance(output, ReadEvents):
                read = EventsRead(lane=output.lane, after_seq=output.after_seq, events=self.disk.read(output))
                sent += self.did(self.session.stored(read, 0.0))
            elif isinstance(output, Send):
                sent.append(output.message)
        return sent

    def alarm(self, payload=None):
        event = self.disk.append(LEDGER, f"alarm-{self.disk.lanes[LEDGER].last}")
        if payload is not None:
            event = replace(event, payload=payload)
        sent = self.did(self.session.appended(LEDGER, event.key.seq)) + self.did(self.session.alarmed(event))
        return event, hints_of(sent)


def hints_of(sent):
    return [one.event.event_id for one in sent if isinstance(one, Hint)]


def test_an_alarm_behind_a_backlog_is_announced_at_once_and_nothing_else_changes():
    box = Box(30)
    box.connect()
    before = (box.session.lanes[LEDGER].sent, box.session.lanes[LEDGER].acked)
    event, hints = box.alarm()
    assert hints == [event.event_id]
    assert (box.session.lanes[LEDGER].sent, box.session.lanes[LEDGER].acked) == before


def test_an_alarm_that_is_next_in_the_queue_needs_no_hint():
    box = Box(0)
    box.connect()
    _, hints = box.alarm()
    assert hints == []


def test_an_alarm_that_happened_offline_is_announced_when_the_centre_greets_and_once_per_stream():
    box = Box(30)
    event = box.disk.append(LEDGER, "alarm")
    box.memory.hints.note(event)
    for _ in range(2):
        assert hints_of(box.connect()) == ["alarm"]
    assert hints_of(box.did(box.session.alarmed(event))) == ["alarm"], (
        "said twice by the journal, sent twice, stored once"
    )


def test_an_acknowledged_alarm_is_announced_no_more():
    box = Box(30)
    box.connect()
    event, _ = box.alarm()
    while box.session.lanes[LEDGER].acked < event.key.seq:
        through = box.session.lanes[LEDGER].sent
        box.did(box.session.received(Ack(session_id="s", lane=LEDGER, through_seq=through), 0.0))
    box.disk.lanes[LEDGER].acked = 0
    assert hints_of(box.connect()) == []


def test_a_door_that_flaps_does_not_fill_the_line():
    box = Box(30)
    box.connect()
    announced = [hint for _ in range(MOST_HINTS + 5) for hint in box.alarm()[1]]
    assert len(announced) == MOST_HINTS


def test_a_large_alarm_is_announced_without_its_details():
    box = Box(30)
    box.connect()
    event = replace(box.disk.append(LEDGER, "large"), payload=b"x" * 5000)
    box.did(box.session.appended(LEDGER, event.key.seq))
    (hint,) = [one for one in box.did(box.session.alarmed(event)) if isinstance(one, Hint)]
    assert hint.event == replace(event, payload=None)
