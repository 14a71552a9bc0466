"""Alarms that ran ahead of their device's queue: kept until their event comes, and never instead of it."""

import json

import apsw

from doorward_api.v1 import centre_pb2, event_pb2
from doorward_sync.chain import SALT_BYTES, commit_to_payload
from doorward_sync.event import Event
from doorward_sync.messages import Batch
from doorward_sync.wire_event import to_wire_event, to_wire_time

_MOST_PER_DEVICE = 64
"""Announcements kept of one device; beyond, the oldest goes."""


def note_hint(connection: apsw.Connection, device_id: str, event: Event, now_us: int) -> bool:
    """Writes an announcement down; inside a transaction.

    Returns:
        Whether it is new: not announced before, and its event not here.
    """
    if event.payload is not None and not _is_its_payload(event):
        return False
    is_here = "SELECT 1 FROM events WHERE device_id = ? AND event_id = ?"
    if connection.execute(is_here, (device_id, event.event_id)).fetchone() is not None:
        return False
    connection.execute(
        "INSERT INTO hints (device_id, event_id, event, received_us) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (device_id, event.event_id, to_wire_event(event).SerializeToString(), now_us),
    )
    is_new = bool(connection.changes())
    connection.execute(
        "DELETE FROM hints WHERE device_id = ?1 AND event_id NOT IN"
        " (SELECT event_id FROM hints WHERE device_id = ?1 ORDER BY received_us DESC, event_id DESC LIMIT ?2)",
        (device_id, _MOST_PER_DEVICE),
    )
    return is_new


def drop_hints(connection: apsw.Connection, device_id: str, batch: Batch) -> None:
    """Drops the announcements whose events have come; inside their transaction."""
    if connection.execute("SELECT 1 FROM hints WHERE device_id = ? LIMIT 1", (device_id,)).fetchone() is None:
        return
    ids = json.dumps([event.event_id for event in batch.events])
    connection.execute(
        "DELETE FROM hints WHERE device_id = ? AND event_id IN (SELECT value FROM json_each(?))", (device_id, ids)
    )


def list_hints(connection: apsw.Connection, device_id: str) -> list[centre_pb2.StoredEvent]:
    """The announcements whose events have not come, oldest first.

    Args:
        connection: the database.
        device_id: only those of this one; empty for all.
    """
    rows = connection.execute(
        "SELECT device_id, event, received_us FROM hints WHERE ?1 = '' OR device_id = ?1"
        " ORDER BY received_us, event_id",
        (device_id,),
    )
    return [_shown(name, event_pb2.Event.FromString(blob), received_us) for name, blob, received_us in rows]


def _is_its_payload(event: Event) -> bool:
    return len(event.salt) == SALT_BYTES and commit_to_payload(event.salt, event.payload or b"") == event.payload_digest


def _shown(device_id: str, event: event_pb2.Event, received_us: int) -> centre_pb2.StoredEvent:
    return centre_pb2.StoredEvent(
        device_id=device_id,
        epoch=event.epoch,
        lane=event.lane,
        seq=event.seq,
        event_id=event.event_id,
        kind=event.kind,
        boot_id=event.boot_id,
        boottime_ns=event.boottime_ns,
        wall_time=event.wall_time,
        clock_state=event.clock_state,
        payload_json=event.payload_json,
        payload_digest=event.payload_digest,
        chain_hash=event.chain_hash,
        receive_time=to_wire_time(received_us),
    )
