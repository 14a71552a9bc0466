"""What a search sees: one unchanging state of the gallery's templates."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery.name_book import NameBook
from doorward_daemon.gallery.nearest_rows import RowGroup, nearest_rows
from doorward_daemon.gallery.rows_view import RowsView
from doorward_daemon.identity import Cohort, GallerySize, SubjectScore

_MOST_RULED_OUT = 16
"""Subjects looked at beyond those that were asked for, where "not this person" references may rule some out."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SearchIndex:
    """A snapshot: exact search over the active references of one embedding space. Thread-safe.

    Changes of the gallery make a new snapshot; this one keeps answering as of its revision, except that the templates
    of a subject erased since are zeros and match nothing.
    """

    embedding_id: str
    """Embedding space of every template in it."""
    revision: int
    """Revision of the gallery it shows."""
    rows: RowsView = field(repr=False)
    """The templates."""
    foreign_references: int = 0
    """References of other embedding spaces, which are never compared."""
    names: NameBook = field(default_factory=lambda: NameBook({}), repr=False)
    """Display name of every subject of the gallery, with or without references."""
    negatives: RowsView = field(default_factory=lambda: RowsView(0), repr=False)
    """"Not this person" templates."""
    cohort: Cohort | None = field(default=None, repr=False)
    """Of the pack; None where it has none, and no crowding is told."""

    @property
    def references(self) -> int:
        """References that are searched."""
        return self.rows.references

    @property
    def subjects(self) -> int:
        """Subjects with at least one of them."""
        return self.rows.subjects

    @property
    def negative_references(self) -> int:
        """References that say who somebody is not."""
        return self.negatives.references

    @property
    def size(self) -> GallerySize:
        """How much is searched."""
        return GallerySize(self.subjects, self.references)

    def group(self, subject_ids: Iterable[str]) -> RowGroup:
        """Makes some subjects the only ones a search of this snapshot may name; those without references do not matter.

        It takes a look-up per subject and block: keep it as long as the snapshot.
        """
        rows = {row for subject_id in subject_ids for row in self.rows.rows_of(subject_id)}
        return RowGroup(self.rows, np.array(sorted(rows), np.intp))

    def search(
        self, vector: NDArray[np.float32], top_subjects: int, group: RowGroup | None = None
    ) -> tuple[SubjectScore, ...]:
        """Compares a probe with every reference.

        Args:
            vector: (D,) float32, length 1, of this embedding space.
            top_subjects: subjects wanted at most, 1 or more.
            group: of this snapshot, the subjects that are searched; None for all.

        Returns:
            The closest subjects, each with its closest reference, best first; equal scores by subject_id. More than
            were asked for where "not this person" references may rule some out. Empty for an empty gallery.

        Raises:
            Conflict: EMBEDDING_MISMATCH, the probe is of another dimension, or all references are of other spaces.
            ValueError: the probe is not finite, or the group is another snapshot's.
        """
        if group is not None and group.view is not self.rows:
            raise ValueError("group: made for another snapshot of the gallery; make it anew from this one")
        if not self.references and self.foreign_references:
            raise Conflict(
                ErrorReason.EMBEDDING_MISMATCH,
                f"all {self.foreign_references} references were made by another pack and cannot be compared with "
                f"{self.embedding_id}; activate that pack again, or enrol the subjects anew",
                metadata={"embedding_id": self.embedding_id, "foreign_references": str(self.foreign_references)},
            )
        more = min(_MOST_RULED_OUT, self.negative_references)
        return self._weighed(vector, self._rank(vector, top_subjects + more if top_subjects > 0 else 0, group))

    def nearest_other(self, vector: NDArray[np.float32], subject_id: str) -> SubjectScore | None:
        """The closest subject that is not the named one; None where there is no other.

        Raises:
            Conflict: EMBEDDING_MISMATCH, the probe is of another dimension.
            ValueError: the probe is not finite.
        """
        return next((near for _, near in self._rank(vector, 2) if near.subject_id != subject_id), None)

    def score_of(self, subject_id: str, vector: NDArray[np.float32]) -> float:
        """Comparison score of a probe with a subject's closest reference, -1..1, higher = more alike.

        Raises:
            Conflict: SUBJECT_WITHOUT_REFERENCES; EMBEDDING_MISMATCH, the probe is of another dimension.
            ValueError: the probe is not finite.
        """
        rows = self.rows.rows_of(subject_id)
        if not rows:
            raise Conflict(
                ErrorReason.SUBJECT_WITHOUT_REFERENCES,
                f"subject {subject_id} has no reference of {self.embedding_id} to compare with; enrol a picture first",
                metadata={"subject_id": subject_id},
            )
        return self._closest(rows, self.rows, vector)

    def holds(self, subject_id: str) -> bool:
        """Whether a subject has a reference that is searched."""
        return bool(self.rows.rows_of(subject_id))

    def best_quality_of(self, subject_id: str) -> float:
        """Highest quality score of a subject's references that are searched, 0..1; 0 where there are none."""
        return max((self.rows.quality_of(row) for row in self.rows.rows_of(subject_id)), default=0.0)

    def references_of(self, subject_id: str) -> frozenset[str]:
        """References of a subject that are searched."""
        rows = self.rows.rows_of(subject_id)
        return frozenset(self.rows.reference_of(row) for row in rows)

    def negatives_of(self, subject_id: str) -> frozenset[str]:
        """References of a subject that say who it is not."""
        rows = self.negatives.rows_of(subject_id)
        return frozenset(self.negatives.reference_of(row) for row in rows)

    def name_of(self, subject_id: str) -> str:
        """Display name of a subject; empty where it has none or is not enrolled."""
        return self.names.get(subject_id, "")

    def _rank(
        self, vector: NDArray[np.float32], top_subjects: int, group: RowGroup | None = None
    ) -> tuple[tuple[int, SubjectScore], ...]:
        if not self.references or top_subjects < 1:
            return ()
        near = nearest_rows(self.rows, self._checked(vector), top_subjects, group)
        best: dict[str, tuple[int, SubjectScore]] = {}
        for row, score in zip(near.rows.tolist(), near.scores.tolist(), strict=True):
            subject_id = self.rows.subject_of(row)
            if subject_id not in best:
                best[subject_id] = (row, SubjectScore(subject_id, self.rows.reference_of(row), score))
        ranked = sorted(best.values(), key=lambda found: (-found[1].score, found[1].subject_id))
        return tuple(ranked[:top_subjects])

    def _weighed(
        self, vector: NDArray[np.float32], ranked: tuple[tuple[int, SubjectScore], ...]
    ) -> tuple[SubjectScore, ...]:
        """Adds to what was found how many people it resembles, and how close the subject's negative references are."""
        if not ranked or (self.cohort is None and not self.negative_references):
            return tuple(score for _, score in ranked)
        crowding = self._crowding(vector, [row for row, _ in ranked])
        return tuple(
            replace(score, crowding=crowd, negative_score=self._negative_score(score.subject_id, vector))
            for (_, score), crowd in zip(ranked, crowding, strict=True)
        )

    def _crowding(self, vector: NDArray[np.float32], rows: list[int]) -> list[float]:
        if self.cohort is None:
            return [-1.0] * len(rows)
        probe, *references = self.cohort.crowding(np.vstack([vector, self.rows.templates(np.array(rows))]))
        return [(float(probe) + float(reference)) / 2.0 for reference in references]

    def _negative_score(self, subject_id: str, vector: NDArray[np.float32]) -> float | None:
        rows = self.negatives.rows_of(subject_id)
        if not rows:
            return None
        return self._closest(rows, self.negatives, vector)

    def _closest(self, rows: list[int], view: RowsView, vector: NDArray[np.float32]) -> float:
        return float(np.vecdot(view.templates(np.array(rows)), self._checked(vector)).max())

    def _checked(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        if vector.shape != (self.rows.dimension,):
            raise Conflict(
                ErrorReason.EMBEDDING_MISMATCH,
                f"the probe has shape {vector.shape}, and {self.embedding_id} has {self.rows.dimension} numbers",
                metadata={"embedding_id": self.embedding_id},
            )
        probe = np.ascontiguousarray(vector, np.float32)
        if not np.isfinite(probe).all():
            raise ValueError("vector: expected finite numbers, found NaN or infinity")
        return probe
