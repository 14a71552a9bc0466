"""The fleet's gallery in the database: revisions, tombstones, digest."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import apsw

from doorward_api.v1 import uplink_pb2
from doorward_sync.centre_storage import ChunkWanted, LocalSubjectsStored, ReadGallery, StoreLocalSubjects
from doorward_sync.chunk_messages import GalleryChunk
from doorward_sync.chunk_rule import continued, digest_of, fill_chunk
from doorward_sync.gallery_messages import GalleryDelta, SubjectRecord
from doorward_sync.gallery_state import GalleryDigest, winner
from doorward_sync.wire_gallery import from_wire_subject, to_wire_subject


def gallery_revision(connection: apsw.Connection) -> int:
    """Revision of the gallery."""
    return _state(connection)[0]


def gallery_mark(connection: apsw.Connection) -> tuple[int, bytes]:
    """Revision and digest of the gallery."""
    revision, digest = _state(connection)
    return revision, digest.value


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


def read_changes(connection: apsw.Connection, command: ReadGallery) -> GalleryDelta | GalleryChunk | None:
    """What changed since a revision, all of it or one chunk; None where nothing did.

    A device that knows a revision this centre never had (a centre restored from a backup, or another one) gets all of
    it; so does one whose digest disagreed.
    """
    revision, digest = _state(connection)
    if command.from_revision == revision and not command.snapshot:
        return None
    snapshot = command.snapshot or command.from_revision > revision
    from_revision = 0 if snapshot else command.from_revision
    if command.chunk is not None:
        return _read_chunk(connection, command.chunk, from_revision, snapshot=snapshot)
    return GalleryDelta(
        from_revision=from_revision,
        to_revision=revision,
        subjects=tuple(_following(connection, from_revision)),
        digest=digest.value,
        living=digest.living,
        snapshot=snapshot,
    )


def _read_chunk(
    connection: apsw.Connection, wanted: ChunkWanted, from_revision: int, *, snapshot: bool
) -> GalleryChunk:
    revision, digest = _state(connection)
    place = continued(wanted.place, snapshot=snapshot, from_revision=from_revision, revision=revision)
    following = _following(connection, place.through_revision)
    subjects, through = fill_chunk(place, following, wanted.largest_bytes, revision)
    following.close()
    return GalleryChunk(
        session_id="",
        number=place.chunks + 1,
        snapshot=snapshot,
        from_revision=from_revision,
        after_revision=place.through_revision,
        through_revision=through,
        to_revision=revision,
        subjects=subjects,
        chunk_digest=digest_of(subjects),
        digest=digest.value,
        living=digest.living,
    )


def _following(connection: apsw.Connection, revision: int) -> Generator[SubjectRecord, None, None]:
    rows = connection.execute(
        "SELECT record FROM subjects WHERE gallery_revision > ? ORDER BY gallery_revision", (revision,)
    )
    try:
        for (record,) in rows:
            yield _read(record)
    finally:
        # One that is not read to its end would hold its place in the table for as long as the object lives.
        rows.close()


def _state(connection: apsw.Connection) -> tuple[int, GalleryDigest]:
    row: Any = connection.execute("SELECT revision, digest, living FROM gallery_state").fetchone()
    return row[0], GalleryDigest(row[1], row[2])


def _read(record: bytes) -> SubjectRecord:
    return from_wire_subject(uplink_pb2.SubjectRecord.FromString(record))
