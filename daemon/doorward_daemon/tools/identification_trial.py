"""Enrols some people and searches for all: one trial of the one-to-many evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery import SearchIndex
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.recognition.opening import cohort_of
from doorward_daemon.tools.half_splits import HalfSplit
from doorward_daemon.tools.lab import LabFace
from doorward_daemon.tools.memory_index import index_of
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.probe_set import ProbeSet
from doorward_daemon.tools.statistics import SearchResult

ENROLLED_PHOTOS = 3
"""Photos a person is enrolled with, the first ones by name."""

Reference = tuple[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out of one split."""

    results: tuple[SearchResult, ...]
    """The searches."""
    named_photos: frozenset[Path]
    """Strangers' photos for which, or for a copy of which, somebody was named."""
    stranger_photos: frozenset[Path]
    """All photos of strangers."""
    subjects: int
    """Subjects searched."""
    references: int
    """References searched."""
    threshold: float
    """Comparison score needed at that size, by a face that resembles few people."""


class IdentificationTrial:
    """Runs trials on one pack.

    Args:
        manifest: of the pack.
        rule: decides about each search.
        faces: what was seen.
        distractors: templates of other people that are enrolled beside, one subject each.
    """

    def __init__(
        self,
        manifest: PackManifest,
        rule: OpenSetRule,
        faces: ProbeSet,
        distractors: Sequence[NDArray[np.float32]] = (),
    ) -> None:
        self._manifest = manifest
        self._cohort = cohort_of(manifest)
        self._rule = rule
        self._faces = faces
        self._distractors = [(f"distractor-{number}", vector) for number, vector in enumerate(distractors)]

    def run(self, split: HalfSplit) -> Trial:
        """Enrols half of the people and searches for all of them."""
        index = self._index([*self._enrolment(split.enrolled), *self._distractors])
        mated = [
            self._search(index, face, person.name)
            for person in split.enrolled
            for photo in person.photos[ENROLLED_PHOTOS:]
            for face in self._faces.probes[photo]
        ]
        photos = [photo for person in split.strangers for photo in person.photos]
        nonmated = [(photo, self._search(index, face, None)) for photo in photos for face in self._faces.probes[photo]]
        return Trial(
            results=(*mated, *(result for _, result in nonmated)),
            named_photos=frozenset(photo for photo, result in nonmated if result.named is not None),
            stranger_photos=frozenset(photos),
            subjects=index.subjects,
            references=index.references,
            threshold=self._rule.threshold_for(index.size),
        )

    def _index(self, references: Sequence[Reference]) -> SearchIndex:
        return index_of(self._manifest.embedding_id, references, cohort=self._cohort)

    def _enrolment(self, persons: Sequence[PhotoGroup]) -> Iterator[Reference]:
        for person in persons:
            for photo in person.photos[:ENROLLED_PHOTOS]:
                face = self._faces.references[photo]
                if face is not None and face.refused_by is None:
                    yield person.name, face.embedding.template.vector

    def _search(self, index: SearchIndex, face: LabFace | None, mate: str | None) -> SearchResult:
        # The gate is on: what it refuses is never compared, and names nobody.
        if face is None or face.refused_by is not None:
            return SearchResult(mate, None, None)
        ranked = index.search(face.embedding.template.vector, 2)
        decision = self._rule.decide(ranked, index.size)
        return SearchResult(mate, decision.subject_id or None, ranked[0].subject_id if ranked else None)
