"""Gallery messages between values and the wire contract's, for both ends."""

from doorward_api.v1 import uplink_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.gallery_messages import (
    GalleryDelta,
    GalleryDeltaResult,
    LocalSubject,
    LocalSubjects,
    ReferenceRecord,
    SubjectRecord,
)
from doorward_sync.wire_event import from_wire_time, to_wire_time

LONGEST_SUBJECT_ID = 64
"""Characters."""


def to_wire_reference(reference: ReferenceRecord) -> uplink_pb2.ReferenceRecord:
    """A reference as a message."""
    return uplink_pb2.ReferenceRecord(
        reference_id=reference.reference_id,
        template=reference.template,
        embedding_id=reference.embedding_id,
        precision=reference.precision,
        quality_score=reference.quality_score,
        create_time=to_wire_time(reference.create_time_us),
        negative=reference.negative,
    )


def from_wire_reference(message: uplink_pb2.ReferenceRecord) -> ReferenceRecord:
    """A reference of a message."""
    return ReferenceRecord(
        reference_id=message.reference_id,
        template=message.template,
        embedding_id=message.embedding_id,
        precision=message.precision,
        quality_score=message.quality_score,
        create_time_us=from_wire_time(message.create_time),
        negative=message.negative,
    )


def to_wire_subject(subject: SubjectRecord) -> uplink_pb2.SubjectRecord:
    """A subject as a message."""
    return uplink_pb2.SubjectRecord(
        subject_id=subject.subject_id,
        display_name=subject.display_name,
        references=[to_wire_reference(one) for one in subject.references],
        version=subject.version,
        erased=subject.erased,
        gallery_revision=subject.gallery_revision,
    )


def from_wire_subject(message: uplink_pb2.SubjectRecord) -> SubjectRecord:
    """A subject of a message."""
    return SubjectRecord(
        subject_id=message.subject_id,
        display_name=message.display_name,
        references=tuple(from_wire_reference(one) for one in message.references),
        version=message.version,
        erased=message.erased,
        gallery_revision=message.gallery_revision,
    )


def to_wire_delta(delta: GalleryDelta) -> uplink_pb2.GalleryDelta:
    """A delta as a message."""
    return uplink_pb2.GalleryDelta(
        from_revision=delta.from_revision,
        to_revision=delta.to_revision,
        subjects=[to_wire_subject(subject) for subject in delta.subjects],
        digest=delta.digest,
        snapshot=delta.snapshot,
        living_subjects=delta.living,
    )


def from_wire_delta(message: uplink_pb2.GalleryDelta) -> GalleryDelta:
    """A delta of a message."""
    return GalleryDelta(
        from_revision=message.from_revision,
        to_revision=message.to_revision,
        subjects=tuple(from_wire_subject(subject) for subject in message.subjects),
        digest=message.digest,
        living=message.living_subjects,
        snapshot=message.snapshot,
    )


def to_wire_delta_result(result: GalleryDeltaResult) -> uplink_pb2.GalleryDeltaResult:
    """How a delta was taken, as a message."""
    return uplink_pb2.GalleryDeltaResult(
        revision=result.revision, digest_agreed=result.digest_agreed, problem=result.problem
    )


def from_wire_delta_result(message: uplink_pb2.GalleryDeltaResult) -> GalleryDeltaResult:
    """How a delta was taken, of a message."""
    return GalleryDeltaResult(revision=message.revision, digest_agreed=message.digest_agreed, problem=message.problem)


def to_wire_local(local: LocalSubjects) -> uplink_pb2.LocalSubjects:
    """Local changes as a message."""
    subjects = [
        uplink_pb2.LocalSubject(change=one.change, subject=to_wire_subject(one.subject)) for one in local.subjects
    ]
    return uplink_pb2.LocalSubjects(subjects=subjects)


def from_wire_local(message: uplink_pb2.LocalSubjects) -> LocalSubjects:
    """Local changes of a message.

    Raises:
        ProtocolError: one of them names no subject; it would go to every device of the fleet.
    """
    for one in message.subjects:
        if not 0 < len(one.subject.subject_id) <= LONGEST_SUBJECT_ID or one.subject.version < 1:
            raise ProtocolError(f"change {one.change} is of no subject, or of version {one.subject.version}")
    subjects = (LocalSubject(change=one.change, subject=from_wire_subject(one.subject)) for one in message.subjects)
    return LocalSubjects(subjects=tuple(subjects))
