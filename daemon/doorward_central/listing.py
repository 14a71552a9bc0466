"""What is stored, page by page, as the wire contract shows it."""

import base64
import binascii
from typing import Any

import apsw

from doorward_api.v1 import centre_pb2, centre_service_pb2, uplink_pb2
from doorward_central.error import CentreError, field_invalid
from doorward_central.hint_rows import list_hints
from doorward_central.time_rows import TimeBook
from doorward_sync.event import ClockState, Lane
from doorward_sync.wire_event import to_wire_clock, to_wire_lane, to_wire_time

LARGEST_PAGE = 1000
"""Rows of a page."""
_EVENTS = """
SELECT e.ordinal, e.device_id, e.epoch, e.lane, e.seq, e.event_id, e.kind, e.boot_id, e.boottime_ns, e.wall_time_us,
       e.clock_state, e.payload, e.payload_digest, e.chain_hash, e.received_us, q.reason
FROM events AS e LEFT JOIN quarantine AS q USING (device_id, epoch, lane, seq)
WHERE e.ordinal > ?1 AND (?2 = '' OR e.device_id = ?2)
  AND (?3 = '' OR e.kind = ?3 OR substr(e.kind, 1, length(?3) + 1) = ?3 || '.')
ORDER BY e.ordinal {order} LIMIT ?4
"""
_DEVICES = """
SELECT device_id, last_seen_us, address, boot_id, version, embedding_id, epoch, gallery_revision,
       (SELECT have_through FROM lanes AS l WHERE l.device_id = d.device_id AND l.epoch = d.epoch AND l.lane = 1),
       (SELECT count(*) FROM events AS e WHERE e.device_id = d.device_id),
       (SELECT count(*) FROM conflicts AS c WHERE c.device_id = d.device_id),
       (SELECT count(*) FROM quarantine AS q WHERE q.device_id = d.device_id),
       (SELECT group_name FROM device_groups AS g WHERE g.device_id = d.device_id)
FROM devices AS d WHERE device_id > ? ORDER BY device_id LIMIT ?
"""
_SUBJECTS = """
SELECT record, updated_us FROM subjects WHERE subject_id > ? AND (? OR NOT erased) ORDER BY subject_id LIMIT ?
"""


def list_events(
    connection: apsw.Connection, request: centre_service_pb2.ListStoredEventsRequest
) -> centre_service_pb2.ListStoredEventsResponse:
    """A page of events.

    Raises:
        CentreError: FIELD_INVALID, PAGE_TOKEN_INVALID.
    """
    times = TimeBook(connection)
    size = page_size(request.page_size)
    if not 0 <= request.newest <= LARGEST_PAGE:
        raise field_invalid("newest", f"found {request.newest}, expected 0..{LARGEST_PAGE}")
    if request.newest:
        query = _EVENTS.format(order="DESC")
        rows = connection.execute(query, (0, request.device_id, request.kind, request.newest)).fetchall()[::-1]
        hints = list_hints(connection, request.device_id)
        return centre_service_pb2.ListStoredEventsResponse(events=[_event(row, times) for row in rows], hints=hints)
    after = read_token(request.page_token) or "0"
    if not after.isascii() or not after.isdigit():
        raise _bad_token()
    query = _EVENTS.format(order="ASC")
    rows = connection.execute(query, (int(after), request.device_id, request.kind, size + 1)).fetchall()
    token = make_token(str(rows[size - 1][0])) if len(rows) > size else ""
    events = [_event(row, times) for row in rows[:size]]
    hints = [] if request.page_token else list_hints(connection, request.device_id)
    return centre_service_pb2.ListStoredEventsResponse(events=events, next_page_token=token, hints=hints)


def list_devices(
    connection: apsw.Connection, request: centre_service_pb2.ListDevicesRequest
) -> centre_service_pb2.ListDevicesResponse:
    """A page of devices, none of them connected as far as storage knows.

    Raises:
        CentreError: FIELD_INVALID, PAGE_TOKEN_INVALID.
    """
    size = page_size(request.page_size)
    rows = connection.execute(_DEVICES, (read_token(request.page_token), size + 1)).fetchall()
    devices = [_device(row) for row in rows[:size]]
    token = make_token(devices[-1].device_id) if len(rows) > size else ""
    return centre_service_pb2.ListDevicesResponse(devices=devices, next_page_token=token)


def list_subjects(
    connection: apsw.Connection, request: centre_service_pb2.ListFleetSubjectsRequest
) -> centre_service_pb2.ListFleetSubjectsResponse:
    """A page of subjects.

    Raises:
        CentreError: FIELD_INVALID, PAGE_TOKEN_INVALID.
    """
    size = page_size(request.page_size)
    after = read_token(request.page_token)
    rows: list[Any] = connection.execute(_SUBJECTS, (after, request.with_erased, size + 1)).fetchall()
    subjects = [show_subject(uplink_pb2.SubjectRecord.FromString(row[0]), row[1]) for row in rows[:size]]
    tell_confirmations(connection, subjects)
    return centre_service_pb2.ListFleetSubjectsResponse(
        subjects=subjects,
        next_page_token=make_token(subjects[-1].subject_id) if len(rows) > size else "",
        gallery_revision=connection.execute("SELECT revision FROM gallery_state").get,
    )


def show_subject(record: uplink_pb2.SubjectRecord, updated_us: int) -> centre_pb2.CentreSubject:
    """A subject without its templates."""
    return centre_pb2.CentreSubject(
        subject_id=record.subject_id,
        display_name=record.display_name,
        reference_count=len(record.references),
        version=record.version,
        gallery_revision=record.gallery_revision,
        erased=record.erased,
        update_time=to_wire_time(updated_us),
    )


def tell_confirmations(connection: apsw.Connection, subjects: list[centre_pb2.CentreSubject]) -> None:
    """Says of each tombstone which devices have it: those whose gallery has come to its revision, digest and all."""
    if not any(subject.erased for subject in subjects):
        return
    rows = "SELECT device_id, gallery_revision FROM devices ORDER BY device_id"
    devices: list[Any] = connection.execute(rows).fetchall()
    for subject in subjects:
        for device_id, revision in devices if subject.erased else ():
            has_it = revision >= subject.gallery_revision
            (subject.confirmed_device_ids if has_it else subject.pending_device_ids).append(device_id)


def page_size(wanted: int) -> int:
    """Rows of a page.

    Raises:
        CentreError: FIELD_INVALID.
    """
    if not 0 <= wanted <= LARGEST_PAGE:
        raise field_invalid("page_size", f"found {wanted}, expected 0..{LARGEST_PAGE}")
    return wanted or LARGEST_PAGE


def make_token(after: str) -> str:
    """A page token: opaque, so that nobody builds on what is in it."""
    return base64.urlsafe_b64encode(after.encode()).decode()


def read_token(token: str) -> str:
    """What a page token holds.

    Raises:
        CentreError: PAGE_TOKEN_INVALID.
    """
    try:
        return base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (UnicodeError, binascii.Error, ValueError) as error:
        raise _bad_token() from error


def _bad_token() -> CentreError:
    return CentreError("PAGE_TOKEN_INVALID", "page_token: none that this centre made; begin with the first page")


def _event(row: tuple[Any, ...], times: TimeBook) -> centre_pb2.StoredEvent:
    found, is_anchored = times.of((row[1], row[2], row[3], row[4]), row[7], row[8], row[14])
    event = centre_pb2.StoredEvent(
        device_id=row[1],
        epoch=row[2],
        lane=to_wire_lane(Lane(row[3])),
        seq=row[4],
        event_id=row[5],
        kind=row[6],
        boot_id=row[7],
        boottime_ns=row[8],
        wall_time=to_wire_time(row[9]),
        clock_state=to_wire_clock(ClockState(row[10])),
        payload_json="" if row[11] is None else row[11].decode(),
        payload_digest=row[12],
        chain_hash=row[13],
        receive_time=to_wire_time(row[14]),
        quarantine_reason=row[15] or "",
        time_anchored=is_anchored,
    )
    if found is not None:
        event.estimated_time.CopyFrom(to_wire_time(found.utc_us))
        event.estimated_time_error.FromMicroseconds(found.error_us)
    return event


def _device(row: tuple[Any, ...]) -> centre_pb2.CentreDevice:
    return centre_pb2.CentreDevice(
        device_id=row[0],
        last_seen_time=to_wire_time(row[1]),
        address=row[2],
        boot_id=row[3],
        version=row[4],
        embedding_id=row[5],
        epoch=row[6],
        gallery_revision=row[7],
        ledger_through_seq=row[8] or 0,
        stored_events=row[9],
        conflicts=row[10],
        quarantined=row[11],
        group=row[12] or "",
    )
