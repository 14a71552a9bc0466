"""What a subject looks like to a person."""

from collections.abc import Iterable

from doorward_api.v1.gallery_service_pb2 import ListSubjectsResponse
from doorward_api.v1.quality_pb2 import QualityBand
from doorward_api.v1.subject_pb2 import ErasureReceipt, Reference, ReferenceKind, Subject
from doorward_client.cli.clock import time_text
from doorward_client.cli.layout import card, sections, table
from doorward_client.words import Words


def subject_text(subject: Subject, words: Words) -> str:
    """One subject with its references."""
    about = card(
        [
            (words.label("subject"), subject.subject_id),
            (words.label("name"), subject.display_name),
            (words.label("created"), time_text(subject.create_time)),
            (words.label("changed"), time_text(subject.update_time)),
            (words.label("references"), str(len(subject.references))),
        ]
    )
    return sections(about, _references(subject.references, words))


def subjects_text(response: ListSubjectsResponse, words: Words) -> str:
    """Subjects, one per line."""
    rows = [
        (subject.subject_id, subject.display_name, str(len(subject.references)), time_text(subject.update_time))
        for subject in response.subjects
    ]
    heads = [words.label(label) for label in ("subject", "name", "references", "changed")]
    return sections(table(heads, rows) if rows else "", words.label("total").format(count=len(rows)))


def receipt_text(receipt: ErasureReceipt, words: Words) -> str:
    """Proof of an erasure."""
    return card(
        [
            (words.label("erased"), receipt.subject_id),
            (words.label("references"), str(receipt.erased_references)),
            (words.label("receipt"), receipt.receipt_id),
            (words.label("when"), time_text(receipt.erase_time)),
            (words.label("revision"), str(receipt.gallery_revision)),
        ]
    )


def _references(references: Iterable[Reference], words: Words) -> str:
    """References, one per line; empty where there are none."""
    rows = [
        (
            reference.reference_id,
            words.value(ReferenceKind.DESCRIPTOR, reference.kind) if reference.kind else "",
            _quality(reference, words),
            reference.embedding_id,
            time_text(reference.create_time),
        )
        for reference in references
    ]
    heads = [words.label(label) for label in ("reference", "shows", "quality", "embedding", "created")]
    return table(heads, rows) if rows else ""


def _quality(reference: Reference, words: Words) -> str:
    if not reference.quality_band:
        return ""
    band = words.value(QualityBand.DESCRIPTOR, reference.quality_band)
    return f"{reference.quality_score:.3f} {band}" if reference.HasField("quality_score") else band
