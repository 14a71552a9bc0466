"""A subject of the gallery as it travels to the fleet, and the templates that may come from there."""

import math
from collections.abc import Iterator

import numpy as np

from doorward_daemon.gallery.instant import from_us, to_us
from doorward_daemon.gallery.tables import GalleryTables
from doorward_daemon.gallery.template_cipher import TemplateCipher, TemplatePlace, numbers_in
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.subject import Reference, ReferenceKind
from doorward_daemon.model.template import Template
from doorward_sync.gallery_messages import ReferenceRecord, SubjectRecord

_BANDS = ((0.8, QualityBand.HIGH), (0.6, QualityBand.MEDIUM), (0.4, QualityBand.LOW), (-math.inf, QualityBand.REJECTED))
"""Least quality score of each band; the same in every pack."""


class FleetRecords:
    """Opens sealed references for the way up. For use inside a transaction of the gallery.

    Args:
        tables: the rows.
        cipher: holds the device key.
    """

    def __init__(self, tables: GalleryTables, cipher: TemplateCipher) -> None:
        self._tables = tables
        self._cipher = cipher

    def record_of(self, subject_id: str, version: int) -> SubjectRecord:
        """A subject that is here, whole, with its references of every embedding space.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
            SealBroken: a template or key is damaged.
        """
        subject = self._tables.subjects.get(subject_id)
        templates = dict(self._templates(subject_id, {one.embedding_id for one in subject.references}))
        references = tuple(
            ReferenceRecord(
                reference_id=one.reference_id,
                template=templates[one.reference_id],
                embedding_id=one.embedding_id,
                precision=one.precision,
                quality_score=one.quality_score,
                create_time_us=to_us(one.created_at),
                negative=one.kind is ReferenceKind.NEGATIVE,
            )
            for one in subject.references
        )
        return SubjectRecord(
            subject_id=subject_id, version=version, display_name=subject.display_name, references=references
        )

    def _templates(self, subject_id: str, embedding_ids: set[str]) -> Iterator[tuple[str, bytes]]:
        for embedding_id in embedding_ids:
            for sealed in self._tables.references.sealed_of(subject_id, embedding_id):
                vector = np.zeros(numbers_in(sealed.sealed_template), np.float32)
                cipher = self._cipher.of_subject(subject_id, sealed.wrapped_key)
                place = TemplatePlace(subject_id, sealed.reference_id, embedding_id)
                cipher.open_into(place, sealed.sealed_template, vector)
                yield sealed.reference_id, vector.astype("<f4").tobytes()
                vector.fill(0.0)


def reference_of(record: ReferenceRecord) -> tuple[Reference, Template]:
    """A reference of the fleet as the gallery keeps it.

    Raises:
        ValueError: it is none: NaN, another length than 1, a time nobody lives in; with what was found.
    """
    if not record.reference_id or not record.embedding_id:
        raise ValueError("expected a reference_id and an embedding_id, found an empty one")
    if not 0.0 <= record.quality_score <= 1.0:
        raise ValueError(f"quality_score: expected 0..1, found {record.quality_score}")
    vector = np.frombuffer(record.template, "<f4").astype(np.float32)
    template = Template(vector, record.embedding_id, record.precision)
    try:
        created_at = from_us(record.create_time_us)
    except OverflowError as error:
        raise ValueError(f"create_time: {error}") from error
    band = next(band for floor, band in _BANDS if record.quality_score >= floor)
    reference = Reference(
        reference_id=record.reference_id,
        quality_score=record.quality_score,
        quality_band=band,
        embedding_id=record.embedding_id,
        precision=record.precision,
        created_at=created_at,
        kind=ReferenceKind.NEGATIVE if record.negative else ReferenceKind.POSITIVE,
    )
    return reference, template
