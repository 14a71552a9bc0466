"""A search index without a database, of the same code the gallery searches with."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery import SearchIndex
from doorward_daemon.gallery.template_rows import TemplateRows
from doorward_daemon.identity import Cohort


def index_of(
    embedding_id: str,
    references: Iterable[tuple[str, NDArray[np.float32]]],
    *,
    count: int,
    dimension: int,
    cohort: Cohort | None = None,
) -> SearchIndex:
    """Makes an index over references in memory.

    Args:
        embedding_id: space of all vectors.
        references: subject and vector, (dimension,) float32 of length 1, of each.
        count: of references.
        dimension: numbers per vector.
        cohort: of the pack that made them; None where it has none.
    """
    rows = TemplateRows(dimension, count)
    for number, (subject_id, vector) in enumerate(references):
        rows.append(subject_id, f"reference-{number}")[:] = vector
    return SearchIndex(
        embedding_id=embedding_id,
        revision=0,
        rows=rows,
        references=len(rows),
        subjects=rows.subjects,
        most_per_subject=rows.most_per_subject,
        cohort=cohort,
    )
