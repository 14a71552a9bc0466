"""First stages of writes: what stands in the gallery before the ledger decides whether it has happened."""

import uuid

from doorward_daemon.enrolment.admission import AdmittedFace
from doorward_daemon.enrolment.answer import dump_judged
from doorward_daemon.gallery import GalleryWriting, Operation, OperationKind, WriteRequest
from doorward_daemon.model.subject import Reference, ReferenceKind


def new_operation(
    kind: OperationKind,
    request: WriteRequest,
    writing: GalleryWriting,
    subject_id: str,
    *,
    reference_id: str | None = None,
    detail: str = "",
) -> Operation:
    """A staged operation that begins now; its parts are those of Operation."""
    return Operation(
        op_id=str(uuid.uuid4()),
        kind=kind,
        subject_id=subject_id,
        reference_id=reference_id,
        request=request,
        detail=detail,
        created_at=writing.now,
    )


def stage_reference(
    writing: GalleryWriting, request: WriteRequest, subject_id: str, face: AdmittedFace, kind: ReferenceKind
) -> Operation:
    """Stores a face as a reference that is not searched yet, and gives the operation that will make it one.

    Args:
        writing: the transaction.
        request: what asked for it.
        subject_id: whose reference it becomes.
        face: the face.
        kind: whether it shows the subject, or somebody who is not.

    Raises:
        NotFound: SUBJECT_NOT_FOUND.
        Fault: STORAGE_FAILED.
    """
    template = face.template
    reference = Reference(
        reference_id=str(uuid.uuid4()),
        quality_score=face.quality.score,
        quality_band=face.quality.band,
        embedding_id=template.embedding_id,
        precision=template.precision,
        created_at=writing.now,
        kind=kind,
    )
    operation = new_operation(
        OperationKind.ENROL_REFERENCE,
        request,
        writing,
        subject_id,
        reference_id=reference.reference_id,
        detail=dump_judged(face.judged),
    )
    writing.add_pending(subject_id, reference, operation.op_id, template)
    return operation
