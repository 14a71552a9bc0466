"""A search index without a database, of the same code the gallery searches with."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery import SearchIndex
from doorward_daemon.gallery.index_keeper import IndexKeeper
from doorward_daemon.gallery.template_rows import TemplateRows
from doorward_daemon.identity import Cohort


def keeper_of(
    embedding_id: str,
    references: Iterable[tuple[str, NDArray[np.float32]]],
    *,
    cohort: Cohort | None = None,
) -> IndexKeeper:
    """Makes an index over references in memory that can be changed.

    Args:
        embedding_id: space of all vectors.
        references: subject and vector, (D,) float32 of length 1, of each.
        cohort: of the pack that made them; None where it has none.
    """
    rows = TemplateRows()
    for number, (subject_id, vector) in enumerate(references):
        rows.append(subject_id, f"reference-{number}", len(vector))[:] = vector
    negatives = TemplateRows()
    first = SearchIndex(
        embedding_id=embedding_id, revision=0, rows=rows.view(), negatives=negatives.view(), cohort=cohort
    )
    return IndexKeeper(first, rows, negatives)


def index_of(
    embedding_id: str, references: Iterable[tuple[str, NDArray[np.float32]]], *, cohort: Cohort | None = None
) -> SearchIndex:
    """Makes an index over references in memory; arguments as of `keeper_of`."""
    return keeper_of(embedding_id, references, cohort=cohort).current
