"""Events in the database: what a batch stores, and what there is of a device."""

import json
from collections.abc import Sequence

import apsw

from doorward_central.hint_rows import drop_hints
from doorward_sync.admission import Admission, admit
from doorward_sync.centre_storage import BatchStored, StoreBatch
from doorward_sync.chain import SALT_BYTES, commit_to_payload
from doorward_sync.event import Event, Lane
from doorward_sync.fingerprint import content_digest, event_digest
from doorward_sync.messages import Batch, HaveThrough
from doorward_sync.payload import PayloadError, decode_payload
from doorward_sync.wire_event import to_wire_event

_COLUMNS = (
    "device_id, epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us, clock_state, payload, salt,"
    " payload_digest, chain_hash, event_digest, content_digest, received_us"
)
_INSERT = f"INSERT INTO events ({_COLUMNS}) VALUES ({', '.join('?' * 17)}) ON CONFLICT (device_id, event_id) DO NOTHING"
_Key = tuple[str, int, int]


def have_of(connection: apsw.Connection, device_id: str, epoch: int) -> tuple[HaveThrough, ...]:
    """What is committed of a device's epoch."""
    rows = connection.execute(
        "SELECT lane, have_through, chain_head FROM lanes WHERE device_id = ? AND epoch = ?", (device_id, epoch)
    )
    return tuple(HaveThrough(lane=Lane(lane), through_seq=through, chain_head=head) for lane, through, head in rows)


def store_batch(connection: apsw.Connection, command: StoreBatch, now_us: int) -> BatchStored:
    """Stores a batch by the rule of doorward_sync.admission; inside a transaction.

    Args:
        connection: the database.
        command: the batch, its run checked.
        now_us: wall clock, microseconds since 1970 UTC.
    """
    batch = command.batch
    lane = (command.device_id, command.epoch, int(batch.lane))
    have, head = _lane(connection, lane)
    admission = admit(have, batch, _known(connection, lane, batch), _placed(connection, lane, batch))
    _insert(connection, lane, admission.inserts, now_us)
    _move(connection, lane, admission.moved)
    _note_holes(connection, lane, admission, now_us)
    _keep_aside(connection, lane, admission.disputed, now_us)
    drop_hints(connection, command.device_id, batch)
    if admission.have_through != have:
        head = _head_at(admission.have_through, batch)
    connection.execute(
        "INSERT INTO lanes (device_id, epoch, lane, have_through, chain_head) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET have_through = excluded.have_through, chain_head = excluded.chain_head",
        (*lane, admission.have_through, head),
    )
    connection.execute("UPDATE devices SET last_seen_us = ? WHERE device_id = ?", (now_us, command.device_id))
    return BatchStored(
        lane=batch.lane,
        confirmed_through=admission.confirmed_through,
        conflict_seq=admission.conflict_seq,
        missing_from=admission.missing_from,
    )


def _lane(connection: apsw.Connection, lane: _Key) -> tuple[int, bytes]:
    row = connection.execute(
        "SELECT have_through, chain_head FROM lanes WHERE device_id = ? AND epoch = ? AND lane = ?", lane
    ).fetchone()
    return (0, b"") if row is None else (row[0], row[1])


def _known(connection: apsw.Connection, lane: _Key, batch: Batch) -> dict[int, bytes]:
    if not batch.events:
        return {}
    span = (batch.events[0].key.seq, batch.events[-1].key.seq)
    known: dict[int, bytes] = {}
    for table in ("events", "moved_events"):
        rows = connection.execute(
            f"SELECT seq, event_digest FROM {table}"
            " WHERE device_id = ? AND epoch = ? AND lane = ? AND seq BETWEEN ? AND ?",
            (*lane, *span),
        )
        known.update(dict(rows))
    return known


def _placed(connection: apsw.Connection, lane: _Key, batch: Batch) -> dict[str, bytes]:
    """Content of the batch's events that are rows already, under whatever key; those under their own are known."""
    ids = json.dumps([event.event_id for event in batch.events])
    rows = connection.execute(
        "SELECT event_id, content_digest FROM events"
        " WHERE device_id = ? AND event_id IN (SELECT value FROM json_each(?))",
        (lane[0], ids),
    )
    return dict(rows)


def _insert(connection: apsw.Connection, lane: _Key, events: Sequence[Event], now_us: int) -> None:
    for event in events:
        problem = _problem_with(event)
        payload = event.payload if problem is None else None
        connection.execute(
            _INSERT,
            (
                *lane,
                event.key.seq,
                event.event_id,
                event.kind,
                event.time.boot_id,
                event.time.boottime_ns,
                event.time.wall_time_us,
                event.time.clock_state.value,
                payload,
                event.salt,
                event.payload_digest,
                event.chain_hash,
                event_digest(event),
                content_digest(event),
                now_us,
            ),
        )
        if not connection.changes():
            # The same id twice in one batch: the second one is a place, not a row.
            _move(connection, lane, (event,))
        elif problem is not None:
            _quarantine(connection, lane, event, problem, now_us)


def _problem_with(event: Event) -> str | None:
    if event.payload is None:
        return None
    if len(event.salt) != SALT_BYTES or commit_to_payload(event.salt, event.payload) != event.payload_digest:
        return "the payload is not the one its digest stands for"
    try:
        decode_payload(event.payload)
    except PayloadError as error:
        return str(error)
    return None


def _quarantine(connection: apsw.Connection, lane: _Key, event: Event, problem: str, now_us: int) -> None:
    connection.execute(
        "INSERT INTO quarantine (device_id, epoch, lane, seq, reason, payload, received_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*lane, event.key.seq, problem, event.payload or b"", now_us),
    )


def _move(connection: apsw.Connection, lane: _Key, events: Sequence[Event]) -> None:
    connection.executemany(
        "INSERT INTO moved_events (device_id, epoch, lane, seq, event_id, event_digest, chain_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(*lane, event.key.seq, event.event_id, event_digest(event), event.chain_hash) for event in events],
    )


def _note_holes(connection: apsw.Connection, lane: _Key, admission: Admission, now_us: int) -> None:
    connection.executemany(
        "INSERT INTO holes (device_id, epoch, lane, from_seq, to_seq, reason, received_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(*lane, hole.from_seq, hole.to_seq, hole.reason.value, now_us) for hole in admission.holes],
    )


def _keep_aside(connection: apsw.Connection, lane: _Key, events: Sequence[Event], now_us: int) -> None:
    connection.executemany(
        "INSERT INTO conflicts (device_id, epoch, lane, seq, event_digest, event, received_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (*lane, event.key.seq, event_digest(event), to_wire_event(event).SerializeToString(), now_us)
            for event in events
        ],
    )


def _head_at(seq: int, batch: Batch) -> bytes:
    return next((event.chain_hash for event in batch.events if event.key.seq == seq), b"")
