"""Subjects made and erased at the centre itself, each request once."""

import hashlib
import re
from collections.abc import Callable

import apsw

from doorward_api.v1 import centre_pb2, centre_service_pb2
from doorward_central.error import CentreError, field_invalid
from doorward_central.gallery_rows import put_subject, subject_of
from doorward_central.listing import show_subject
from doorward_sync.gallery_messages import SubjectRecord
from doorward_sync.wire_gallery import from_wire_reference, to_wire_subject

MOST_REFERENCES = 16
"""Of one subject."""
_SUBJECT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_NAME = 200
_LONGEST_REQUEST_ID = 64
_SHORTEST_TEMPLATE_BYTES = 4


def create_subject(
    connection: apsw.Connection, request: centre_service_pb2.CreateFleetSubjectRequest, now_us: int
) -> centre_pb2.CentreSubject:
    """Creates a subject; one that was erased comes back as a later version of its tombstone.

    Raises:
        CentreError: FIELD_INVALID, SUBJECT_EXISTS, REQUEST_ID_REUSED.
    """
    _check(request.request_id, request.subject_id)
    _check_content(request)

    def write() -> SubjectRecord:
        before = subject_of(connection, request.subject_id)
        if before is not None and not before.erased:
            found = f"subject {request.subject_id} is there already; choose another subject_id"
            raise CentreError("SUBJECT_EXISTS", found, subject_id=request.subject_id)
        created = SubjectRecord(
            subject_id=request.subject_id,
            version=1 if before is None else before.version + 1,
            display_name=request.display_name,
            references=tuple(from_wire_reference(one) for one in request.references),
        )
        return put_subject(connection, created, now_us)

    return _once(connection, request, write, now_us)


def erase_subject(
    connection: apsw.Connection, request: centre_service_pb2.EraseFleetSubjectRequest, now_us: int
) -> centre_pb2.CentreSubject:
    """Erases a subject; its tombstone stays.

    Raises:
        CentreError: FIELD_INVALID, SUBJECT_NOT_FOUND, REQUEST_ID_REUSED.
    """
    _check(request.request_id, request.subject_id)

    def write() -> SubjectRecord:
        before = subject_of(connection, request.subject_id)
        if before is None or before.erased:
            found = f"there is no subject {request.subject_id}; list the subjects to see who there is"
            raise CentreError("SUBJECT_NOT_FOUND", found, subject_id=request.subject_id)
        tombstone = SubjectRecord(subject_id=request.subject_id, version=before.version + 1, erased=True)
        return put_subject(connection, tombstone, now_us)

    return _once(connection, request, write, now_us)


def _once(
    connection: apsw.Connection,
    request: centre_service_pb2.CreateFleetSubjectRequest | centre_service_pb2.EraseFleetSubjectRequest,
    write: Callable[[], SubjectRecord],
    now_us: int,
) -> centre_pb2.CentreSubject:
    fingerprint = hashlib.sha256(
        type(request).__name__.encode() + request.SerializeToString(deterministic=True)
    ).digest()
    row = connection.execute("SELECT fingerprint FROM requests WHERE request_id = ?", (request.request_id,)).fetchone()
    if row is not None and row[0] != fingerprint:
        found = f"request_id {request.request_id} was used for another request; make a fresh one"
        raise CentreError("REQUEST_ID_REUSED", found, request_id=request.request_id)
    stored = subject_of(connection, request.subject_id) if row is not None else None
    if stored is None:
        stored = write()
        connection.execute(
            "INSERT INTO requests (request_id, fingerprint, subject_id, created_us) VALUES (?, ?, ?, ?)",
            (request.request_id, fingerprint, request.subject_id, now_us),
        )
    return show_subject(to_wire_subject(stored), now_us)


def _check(request_id: str, subject_id: str) -> None:
    if not 1 <= len(request_id) <= _LONGEST_REQUEST_ID:
        raise field_invalid("request_id", f"it has {len(request_id)} characters; 1..{_LONGEST_REQUEST_ID} are expected")
    if not _SUBJECT_ID.fullmatch(subject_id):
        raise field_invalid("subject_id", f"found {subject_id!r}; expected 1..64 letters, digits, . - _")


def _check_content(request: centre_service_pb2.CreateFleetSubjectRequest) -> None:
    if len(request.display_name) > _LONGEST_NAME:
        raise field_invalid("display_name", f"it has {len(request.display_name)} characters; at most {_LONGEST_NAME}")
    if len(request.references) > MOST_REFERENCES:
        raise field_invalid("references", f"there are {len(request.references)}; at most {MOST_REFERENCES}")
    ids = {one.reference_id for one in request.references}
    if len(ids) != len(request.references) or "" in ids:
        raise field_invalid("references", "every one needs a reference_id of its own")
    for number, one in enumerate(request.references):
        if not one.embedding_id or len(one.template) < _SHORTEST_TEMPLATE_BYTES or len(one.template) % 4:
            problem = "expected an embedding_id and a template of float32 numbers"
            raise field_invalid(f"references[{number}]", problem)
