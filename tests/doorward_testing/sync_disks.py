"""Disks of devices and of a centre, in memory: what is on them survives a crash, nothing else does."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from doorward_sync.admission import Admission, admit
from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_storage import BatchStored, StoreBatch
from doorward_sync.chain import commit_to_payload, genesis, link
from doorward_sync.device_storage import ReadEvents
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane
from doorward_sync.fingerprint import content_digest, event_digest
from doorward_sync.messages import Batch, HaveThrough, Hole, LaneStatus
from doorward_testing.sync_down import CentreDownDisk
from doorward_testing.sync_gallery import CentreGalleryDisk

Admit = Callable[[int, Batch, Mapping[int, bytes], Mapping[str, bytes]], Admission]
LaneKey = tuple[str, int, Lane]
LANES = (Lane.LEDGER, Lane.BULK)


def make_event(key: EventKey, event_id: str, before: bytes) -> Event:
    """An event whose content follows from its id alone."""
    salt = hashlib.sha256(event_id.encode()).digest()[:16]
    payload = b'{"id":"%s"}' % event_id.encode()
    time = EventTime(boot_id="boot", boottime_ns=1, wall_time_us=1, clock_state=ClockState.SYNCED)
    digest = commit_to_payload(salt, payload)
    chain_hash = b"" if key.lane is Lane.BULK else link(before, key, event_id, "test.happened", time, digest)
    return Event(
        key=key,
        event_id=event_id,
        kind="test.happened",
        time=time,
        payload=payload,
        salt=salt,
        payload_digest=digest,
        chain_hash=chain_hash,
    )


@dataclass(slots=True)
class LaneRows:
    """One lane of a journal."""

    rows: dict[int, Event] = field(default_factory=dict)
    """Retained events by seq."""
    last: int = 0
    """Newest seq."""
    acked: int = 0
    """The watermark."""
    head: bytes = b""
    """Chain link of the newest event."""
    ever_acked: int = 0
    """Highest watermark there ever was: what lies below was the centre's once."""

    @property
    def first_retained(self) -> int:
        """Oldest seq; last + 1 where there is none."""
        return min(self.rows, default=self.last + 1)


class DeviceDisk:
    """The journal of one device."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.lanes = {lane: LaneRows(head=genesis(epoch, lane)) for lane in LANES}
        self.aside: dict[Lane, set[int]] = {lane: set() for lane in LANES}
        self.aside_ids: set[str] = set()
        self.declared: set[int] = set()
        self.is_full = False

    def append(self, lane: Lane, event_id: str) -> Event:
        """Commits one event."""
        rows = self.lanes[lane]
        event = make_event(EventKey(epoch=self.epoch, lane=lane, seq=rows.last + 1), event_id, rows.head)
        rows.rows[event.key.seq] = event
        rows.last = event.key.seq
        rows.head = event.chain_hash
        return event

    def status(self, lane: Lane) -> LaneStatus:
        """The lane as Hello tells it."""
        rows = self.lanes[lane]
        at_acked = rows.rows.get(rows.acked)
        return LaneStatus(
            lane=lane,
            first_retained_seq=rows.first_retained,
            last_seq=rows.last,
            acked_seq=rows.acked,
            chain_head_at_acked=at_acked.chain_hash if at_acked else b"",
        )

    def read(self, command: ReadEvents) -> tuple[Event, ...]:
        """Events above a seq."""
        rows = self.lanes[command.lane].rows
        return tuple(rows[seq] for seq in sorted(rows) if seq > command.after_seq)[: command.limit]

    def purge(self, lane: Lane, keep: int) -> None:
        """Deletes acknowledged events but the newest `keep` (D5)."""
        rows = self.lanes[lane]
        rows.rows = {seq: event for seq, event in rows.rows.items() if seq > rows.acked - keep}

    def evict(self, count: int, event_id: str) -> tuple[list[str], Event | None]:
        """Gives up the oldest unacknowledged events of lane BULK, and declares them in the same step (D6).

        Returns:
            Their ids and the declaration.
        """
        rows = self.lanes[Lane.BULK]
        if rows.first_retained <= rows.acked:
            return [], None
        going = sorted(rows.rows)[:count]
        if not going:
            return [], None
        gone = [rows.rows.pop(seq).event_id for seq in going]
        self.declared |= set(going)
        return gone, self.append(Lane.LEDGER, event_id)

    def put_aside(self, lane: Lane, seq: int) -> None:
        """A copy goes into quarantine; what was evicted in the meantime is declared already."""
        if seq not in self.lanes[lane].rows:
            return
        self.aside[lane].add(seq)
        self.aside_ids.add(self.lanes[lane].rows[seq].event_id)

    def open_epoch(self, epoch: int) -> None:
        """Renumbers what is unacknowledged and not in quarantine."""
        waiting = {
            lane: [rows.rows[seq].event_id for seq in sorted(rows.rows) if seq > rows.acked]
            for lane, rows in self.lanes.items()
        }
        waiting = {lane: [one for one in ids if one not in self.aside_ids] for lane, ids in waiting.items()}
        aside_ids, is_full = self.aside_ids, self.is_full
        self.__init__(epoch)  # type: ignore[misc]
        self.aside_ids, self.is_full = aside_ids, is_full
        for lane, event_ids in waiting.items():
            for event_id in event_ids:
                self.append(lane, event_id)

    def retained_ids(self) -> set[str]:
        """Ids of all events on this disk."""
        return {event.event_id for rows in self.lanes.values() for event in rows.rows.values()} | self.aside_ids


@dataclass(slots=True)
class CentreRows:
    """One lane of one epoch of one device at the centre."""

    have: int = 0
    """Highest contiguous seq."""
    rows: dict[int, Event] = field(default_factory=dict)
    """Events by seq."""
    moved: dict[int, Event] = field(default_factory=dict)
    """Places of events that are rows of another epoch."""
    holes: set[Hole] = field(default_factory=set)
    """Declared holes."""


class CentreDisk:
    """The event store of the centre."""

    def __init__(self, rule: Admit = admit) -> None:
        self.lanes: dict[LaneKey, CentreRows] = {}
        self.down = CentreDownDisk()
        self.gallery = CentreGalleryDisk()
        self._rule = rule

    def have(self, device_id: str, epoch: int) -> tuple[HaveThrough, ...]:
        """What there is of a device's epoch."""
        return tuple(
            HaveThrough(lane=key[2], through_seq=rows.have, chain_head=self._head(rows))
            for key, rows in self.lanes.items()
            if key[:2] == (device_id, epoch)
        )

    def store(self, command: StoreBatch) -> BatchStored:
        """One transaction."""
        batch = command.batch
        rows = self.lanes.setdefault((command.device_id, command.epoch, batch.lane), CentreRows())
        seqs = [event.key.seq for event in batch.events]
        known = {
            seq: event_digest(event) for seq in seqs if (event := rows.rows.get(seq) or rows.moved.get(seq)) is not None
        }
        elsewhere = self._elsewhere(command.device_id, rows)
        placed = {one.event_id: elsewhere[one.event_id] for one in batch.events if one.event_id in elsewhere}
        admission = self._rule(rows.have, batch, known, placed)
        self._carry_out(admission, rows)
        return BatchStored(
            lane=batch.lane,
            confirmed_through=admission.confirmed_through,
            conflict_seq=admission.conflict_seq,
            missing_from=admission.missing_from,
        )

    def events_of(self, device_id: str) -> list[list[Event]]:
        """Events of a device, one list per epoch and lane, in order of seq."""
        return [
            [rows.rows[seq] for seq in sorted(rows.rows)] for key, rows in self.lanes.items() if key[0] == device_id
        ]

    def ids(self) -> set[str]:
        """Ids of all events here."""
        return {event.event_id for rows in self.lanes.values() for event in rows.rows.values()}

    def _carry_out(self, admission: Admission, rows: CentreRows) -> None:
        for event in admission.inserts:
            if event.key.seq in rows.rows:
                raise ProtocolError(f"{event.key} would be overwritten")
            rows.rows[event.key.seq] = event
        rows.moved.update({event.key.seq: event for event in admission.moved})
        rows.holes |= set(admission.holes)
        rows.have = admission.have_through

    def _elsewhere(self, device_id: str, here: CentreRows) -> dict[str, bytes]:
        return {
            event.event_id: content_digest(event)
            for key, rows in self.lanes.items()
            if key[0] == device_id and rows is not here
            for event in rows.rows.values()
        }

    @staticmethod
    def _head(rows: CentreRows) -> bytes:
        event = rows.rows.get(rows.have) or rows.moved.get(rows.have)
        return event.chain_hash if event else b""
