"""The fleet's gallery in the database: revisions, tombstones, digest."""

from dataclasses import replace
from typing import Any

import apsw

from doorward_api.v1 import uplink_pb2
from doorward_sync.centre_storage import LocalSubjectsStored, ReadGallery, StoreLocalSubjects
from doorward_sync.gallery_messages import GalleryDelta, SubjectRecord
from doorward_sync.gallery_state import GalleryDigest, winner
from doorward_sync.wire_gallery import from_wire_subject, to_wire_subject


def gallery_revision(connection: apsw.Connection) -> int:
    """Revision of the gallery."""
    return _state(connection)[0]


def subject_of(connection: apsw.Connection, subject_id: str) -> SubjectRecord | None:
    """A subject or its tombstone; None where there never was one."""
    row = connection.execute("SELECT record FROM subjects WHERE subject_id = ?", (subject_id,)).fetchone()
    return None if row is None else _read(row[0])


def put_subject(connection: apsw.Connection, subject: SubjectRecord, now_us: int) -> SubjectRecord:
    """Stores a state of a subject under a new revision.

    Returns:
        The subject with its revision.
    """
    revision, digest = _state(connection)
    before = subject_of(connection, subject.subject_id)
    after = digest.without(before).with_(subject)
    stored = replace(subject, gallery_revision=revision + 1)
    connection.execute(
        "UPDATE gallery_state SET revision = ?, digest = ?, living = ?", (revision + 1, after.value, after.living)
    )
    connection.execute(
        "INSERT INTO subjects (subject_id, version, erased, gallery_revision, record, updated_us)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, erased = excluded.erased,"
        " gallery_revision = excluded.gallery_revision, record = excluded.record, updated_us = excluded.updated_us",
        (
            stored.subject_id,
            stored.version,
            int(stored.erased),
            stored.gallery_revision,
            to_wire_subject(stored).SerializeToString(),
            now_us,
        ),
    )
    return stored


def merge_local(connection: apsw.Connection, command: StoreLocalSubjects, now_us: int) -> LocalSubjectsStored:
    """Merges what was changed at a device; the higher version wins."""
    for local in command.subjects:
        centres = subject_of(connection, local.subject.subject_id)
        won = winner(centres, local.subject)
        if centres is None or won is not centres:
            put_subject(connection, won, now_us)
    return LocalSubjectsStored(through_change=command.subjects[-1].change)


def read_delta(connection: apsw.Connection, command: ReadGallery) -> GalleryDelta | None:
    """What changed since a revision; None where nothing did.

    A device that knows a revision this centre never had (a centre restored from a backup, or another one) gets all of
    it; so does one whose digest disagreed.
    """
    revision, digest = _state(connection)
    if command.from_revision == revision and not command.snapshot:
        return None
    snapshot = command.snapshot or command.from_revision > revision
    rows = connection.execute(
        "SELECT record FROM subjects WHERE gallery_revision > ? ORDER BY gallery_revision",
        (0 if snapshot else command.from_revision,),
    )
    return GalleryDelta(
        from_revision=0 if snapshot else command.from_revision,
        to_revision=revision,
        subjects=tuple(_read(record) for (record,) in rows),
        digest=digest.value,
        living=digest.living,
        snapshot=snapshot,
    )


def _state(connection: apsw.Connection) -> tuple[int, GalleryDigest]:
    row: Any = connection.execute("SELECT revision, digest, living FROM gallery_state").fetchone()
    return row[0], GalleryDigest(row[1], row[2])


def _read(record: bytes) -> SubjectRecord:
    return from_wire_subject(uplink_pb2.SubjectRecord.FromString(record))
