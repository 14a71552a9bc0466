"""One lane at the device: what is acknowledged, sent and under way."""

from collections import deque

from doorward_sync.batch_run import ProtocolError, fitting
from doorward_sync.device_storage import EventsRead, ReadEvents
from doorward_sync.event import Event, Lane
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Batch, Hole, HoleReason, LaneStatus


class JournalGapError(Exception):
    """The journal lacks events the centre never had: the message says which."""


class DeviceLane:
    """The sending window of a lane. What is under way is memory only (D2)."""

    __slots__ = (
        "_ever_acked",
        "_is_reading",
        "_under_way",
        "acked",
        "first_retained",
        "is_braked",
        "is_held",
        "is_ready",
        "last",
        "sent",
    )

    def __init__(self, status: LaneStatus) -> None:
        self.acked = status.acked_seq
        self.last = status.last_seq
        self.first_retained = status.first_retained_seq
        self.sent = status.acked_seq
        self._ever_acked = status.acked_seq
        self.is_ready = False
        self.is_held = False
        self.is_braked = False
        self._is_reading = False
        self._under_way: deque[tuple[int, float, int]] = deque()

    @property
    def under_way(self) -> int:
        """Batches sent and not acknowledged."""
        return len(self._under_way)

    @property
    def unacknowledged(self) -> int:
        """Events the centre has not promised to keep."""
        return self.last - self.acked

    def oldest_sent_s(self) -> float | None:
        """When the oldest batch under way was sent; None where there is none."""
        return self._under_way[0][1] if self._under_way else None

    def sent_s_of(self, through: int) -> float | None:
        """When the newest batch that ends at or below a seq was sent; None where none under way does."""
        sent = [at_s for last, at_s, _ in self._under_way if last <= through]
        return sent[-1] if sent else None

    @property
    def is_busy(self) -> bool:
        """Whether a batch is under way, or about to be."""
        return bool(self._under_way) or self._is_reading

    def first_under_way(self, since_s: float) -> tuple[int, int] | None:
        """First and last event of the oldest batch under way, where it was sent since a moment.

        None for a batch of holes only: there is nothing in it that could be put aside.
        """
        if not self._under_way or self._under_way[0][1] < since_s or not self._under_way[0][2]:
            return None
        return self._under_way[0][2], self._under_way[0][0]

    def restart(self, status: LaneStatus) -> None:
        """Takes the lane as storage has it after a rewind; nothing is under way any more."""
        self.acked = self.sent = status.acked_seq
        self.last = max(self.last, status.last_seq)
        self.first_retained = status.first_retained_seq
        self._under_way.clear()
        self._is_reading = False

    def next_read(self, lane: Lane, credit: int, most_events: int) -> ReadEvents | None:
        """What to read next, None while nothing is to be sent, it is held back, or credit is used up (D3)."""
        if not self.is_ready or self.is_held or self._is_reading or self.sent >= self.last:
            return None
        if self.under_way >= credit:
            return None
        self._is_reading = True
        return ReadEvents(lane=lane, after_seq=self.sent, limit=most_events)

    def batch_of(self, read: EventsRead, limits: UplinkLimits, most_bytes: int, now_s: float) -> Batch | None:
        """The batch to send from what was read; None where the read is out of date.

        Args:
            read: what was read.
            limits: sizes.
            most_bytes: what the line can carry at once.
            now_s: monotonic seconds.

        Raises:
            JournalGapError: events are missing that were never acknowledged.
        """
        if not self._is_reading or read.after_seq != self.sent:
            return None
        self._is_reading = False
        taken = fitting(read.events, limits, most_bytes)
        holes = self._holes_before(read.lane, taken)
        if not taken and not holes:
            raise JournalGapError(f"{read.lane.name}: nothing above seq {self.sent}, last is {self.last}")
        self._check_run(taken, holes)
        self.sent = taken[-1].key.seq if taken else holes[-1].to_seq
        events = tuple(event for event in taken if event.key.seq not in read.quarantined)
        aside = sorted({event.key.seq for event in taken} & read.quarantined)
        holes += tuple(Hole(from_seq=seq, to_seq=seq, reason=HoleReason.QUARANTINED) for seq in aside)
        self.last = max(self.last, self.sent)
        self._under_way.append((self.sent, now_s, events[0].key.seq if events else 0))
        return Batch(lane=read.lane, events=events, holes=holes)

    def take_ack(self, through: int) -> bool:
        """Counts an acknowledgement (D4).

        Returns:
            Whether the watermark rose.

        Raises:
            ProtocolError: it acknowledges more than was sent.
        """
        if through > self.sent:
            raise ProtocolError(f"Ack through {through}, but only {self.sent} was sent")
        if through <= self.acked:
            return False
        self.acked = through
        self._ever_acked = max(self._ever_acked, through)
        while self._under_way and self._under_way[0][0] <= through:
            self._under_way.popleft()
        return True

    def send_again(self, from_seq: int) -> None:
        """Goes back to what was sent and not acknowledged.

        Raises:
            ProtocolError: it was acknowledged, or never sent.
        """
        if not self.acked < from_seq <= self.sent + 1:
            raise ProtocolError(f"Rewind to {from_seq}, but {self.acked + 1}..{self.sent} are under way")
        # A batch cut in two by from_seq is sent again from there; its end is no longer under way.
        while self._under_way and self._under_way[-1][0] >= from_seq:
            self._under_way.pop()
        self.sent = from_seq - 1
        self._is_reading = False

    def _holes_before(self, lane: Lane, events: tuple[Event, ...]) -> tuple[Hole, ...]:
        first, last = self.sent + 1, self.first_retained - 1
        if first > last or (not events and last < self.last):
            return ()
        # Ledger rows are purged only after they were acknowledged (D5), even where a rewind has lowered the watermark.
        is_evicted = lane is Lane.BULK and last > self._ever_acked
        reason = HoleReason.EVICTED if is_evicted else HoleReason.PURGED_AFTER_ACK
        return (Hole(from_seq=first, to_seq=last, reason=reason),)

    def _check_run(self, events: tuple[Event, ...], holes: tuple[Hole, ...]) -> None:
        after = holes[-1].to_seq if holes else self.sent
        for event in events:
            if event.key.seq != after + 1:
                raise JournalGapError(f"expected seq {after + 1}, the journal has {event.key.seq}")
            after = event.key.seq
