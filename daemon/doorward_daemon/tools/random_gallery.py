"""Random templates: strangers to everybody, as many as a measurement needs."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery import Gallery
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.subject import Reference
from doorward_daemon.model.template import Template


def random_vectors(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    """(count, dimension) float32: directions spread evenly, length 1."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def enrol_random(gallery: Gallery, count: int, like: Template) -> None:
    """Enrols subjects with one random reference each, and one with a given template, in one transaction.

    Args:
        gallery: to fill.
        count: subjects in all.
        like: template of the last subject; the others are of its space.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    templates = [
        Template(vector.copy(), like.embedding_id, like.precision)
        for vector in random_vectors(count - 1, len(like.vector))
    ]
    with gallery.writing(growing=True) as writing:
        for number, template in enumerate([*templates, like]):
            subject_id = f"subject-{number}"
            writing.create_subject(subject_id, "")
            reference = _reference(f"reference-{number}", template)
            writing.add_active(subject_id, reference, f"operation-{number}", template)


def _reference(reference_id: str, template: Template) -> Reference:
    return Reference(
        reference_id=reference_id,
        quality_score=1.0,
        quality_band=QualityBand.HIGH,
        embedding_id=template.embedding_id,
        precision=template.precision,
        created_at=datetime.now(UTC),
    )
