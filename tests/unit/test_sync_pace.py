"""What is under way follows what the line carries: any line that moves bytes makes progress, and no stream is lost."""

import heapq
import itertools
from dataclasses import replace

import pytest

from doorward_sync.batch_run import size_bytes
from doorward_sync.device_io import DeviceOutput
from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import EventsRead, ReadEvents
from doorward_sync.event import Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Ack, Batch, Heartbeat, HelloAck
from doorward_sync.outputs import Close, Send
from doorward_sync.pace import SMALLEST_BATCH_BYTES, SendingPace
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

LANES = (Lane.LEDGER, Lane.BULK)


class Drain:
    """A device with a backlog in each lane, on a line that carries one byte after the other; runs in made-up time."""

    def __init__(
        self, events: int, bytes_per_s: float, centre_s: float = 0.0, memory: StreamMemory | None = None
    ) -> None:
        self.closed: list[str] = []
        self.longest_wait_s = 0.0
        self.largest_batch_bytes = 0
        self._bytes_per_s, self._centre_s = bytes_per_s, centre_s
        self._free_s = self._now_s = 0.0
        self._coming: list[tuple[float, int, Batch]] = []
        self._disk = DeviceDisk(7)
        for lane, number in itertools.product(LANES, range(events)):
            self._disk.append(lane, f"{lane.name}-{number}")
        for rows in self._disk.lanes.values():
            rows.rows = {seq: replace(one, payload=b"x" * 400) for seq, one in rows.rows.items()}
        self._session = DeviceSession(hello_of("gate", self._disk), (0, 0), UplinkLimits(), 0.0, memory)
        self._session.start()
        ack = HelloAck(protocol=1, session_id="s", have=(), credit=2, centre_time_us=0, heartbeat_interval_s=25)
        self._carry_out(self._session.received(ack, 0.0))
        while self.unacknowledged and not self.closed:
            self._go_on()

    @property
    def unacknowledged(self) -> int:
        return sum(lane.unacknowledged for lane in self._session.lanes.values())

    def _go_on(self) -> None:
        if self._coming and self._coming[0][0] <= self._now_s + 1.0:
            self._now_s, _, batch = heapq.heappop(self._coming)
            ack = Ack(session_id="s", lane=batch.lane, through_seq=batch.events[-1].key.seq)
            self._carry_out(self._session.received(ack, self._now_s))
        else:
            self._now_s += 1.0
            # The centre gives signs of life; what may be late are the acknowledgements.
            self._session.received(Heartbeat(boottime_ns=0, wall_time_us=0), self._now_s)
            self._carry_out(self._session.tick(self._now_s, 0, 0))

    def _carry_out(self, outputs: list[DeviceOutput]) -> None:
        for output in outputs:
            match output:
                case ReadEvents():
                    events = self._disk.read(output)
                    read = EventsRead(lane=output.lane, after_seq=output.after_seq, events=events)
                    self._carry_out(self._session.stored(read, self._now_s))
                case Send(message=Batch() as batch):
                    self._send(batch)
                case Close():
                    self.closed.append(output.reason.value)

    def _send(self, batch: Batch) -> None:
        size = sum(size_bytes(one) for one in batch.events)
        self._free_s = max(self._free_s, self._now_s) + size / self._bytes_per_s
        self.longest_wait_s = max(self.longest_wait_s, self._free_s - self._now_s)
        self.largest_batch_bytes = max(self.largest_batch_bytes, size)
        heapq.heappush(self._coming, (self._free_s + self._centre_s, id(batch), batch))


@pytest.mark.parametrize("bytes_per_s", [300, 1_000, 4_000, 40_000, 10_000_000])
def test_a_line_of_any_speed_takes_everything_in_one_stream(bytes_per_s: int):
    done = Drain(300, bytes_per_s)
    assert (done.unacknowledged, done.closed) == (0, [])
    # gRPC's own ping waits behind what is under way: the centre gives it 60 s.
    assert done.longest_wait_s < 60.0


def test_at_32_kbit_a_sign_of_life_waits_a_fraction_of_the_silence_that_ends_a_stream():
    assert Drain(600, 4_000).longest_wait_s < 75.0 / 3


def test_a_quick_line_gets_whole_batches():
    assert Drain(3_000, 10_000_000).largest_batch_bytes > 100_000


def test_a_slow_centre_is_not_taken_for_a_slow_line():
    done = Drain(10_000, 10_000_000, centre_s=15.0)
    assert (done.unacknowledged, done.closed) == (0, [])
    assert done.largest_batch_bytes > 100_000


def test_a_line_that_became_slow_costs_one_stream_at_most():
    memory = StreamMemory()
    Drain(3_000, 10_000_000, memory=memory)
    assert Drain(600, 1_000, memory=memory).closed == ["answer_late"]
    assert Drain(600, 1_000, memory=memory).closed == []


def test_what_was_sent_before_a_decrease_decreases_nothing_again():
    pace = SendingPace(256 * 1024)
    for number in range(10):
        pace.answered(number, number + 0.01, 75.0)
    before = pace.batch_bytes
    for _ in range(3):
        pace.answered(10.0, 60.0, 75.0)
    assert pace.batch_bytes == before // 2
    pace.broke(100.0)
    assert pace.batch_bytes == SMALLEST_BATCH_BYTES
