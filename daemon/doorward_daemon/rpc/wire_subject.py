"""Subjects, references and erasure receipts, as messages."""

from doorward_api.v1 import subject_pb2
from doorward_daemon.model.subject import ErasureReceipt, Reference, Subject
from doorward_daemon.rpc.wire_face import wire_band
from doorward_daemon.rpc.wire_time import wire_enum, wire_timestamp


def wire_subject(subject: Subject) -> subject_pb2.Subject:
    """An enrolled person."""
    return subject_pb2.Subject(
        subject_id=subject.subject_id,
        display_name=subject.display_name,
        references=[wire_reference(reference) for reference in subject.references],
        revision=subject.revision,
        create_time=wire_timestamp(subject.created_at),
        update_time=wire_timestamp(subject.updated_at),
    )


def wire_reference(reference: Reference) -> subject_pb2.Reference:
    """One enrolled template, without the template."""
    return subject_pb2.Reference(
        reference_id=reference.reference_id,
        quality_score=reference.quality_score,
        quality_band=wire_band(reference.quality_band),
        embedding_id=reference.embedding_id,
        precision=reference.precision,
        create_time=wire_timestamp(reference.created_at),
        kind=wire_enum(subject_pb2.ReferenceKind.Value, "REFERENCE_KIND_", reference.kind),
    )


def wire_receipt(receipt: ErasureReceipt) -> subject_pb2.ErasureReceipt:
    """Proof of an erasure."""
    return subject_pb2.ErasureReceipt(
        receipt_id=receipt.receipt_id,
        subject_id=receipt.subject_id,
        erased_references=receipt.erased_references,
        gallery_revision=receipt.gallery_revision,
        erase_time=wire_timestamp(receipt.erased_at),
    )
