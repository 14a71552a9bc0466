"""Error versus discard on spoiled pictures: how near the score comes to one that knows what became of each picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.evaluation.spoiling import SpoiledSight
from doorward_daemon.tools.lab import LabFace
from doorward_daemon.tools.statistics import EdcPoint, error_versus_discard

_DRAWS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardFindings:
    """Spoiled copies compared with other clean photos of the same person."""

    n_pairs: int
    """Comparisons."""
    n_persons: int
    """Persons with such comparisons."""
    threshold: float
    """Comparison score needed: that of the clean photos at a false match rate of 1e-3."""
    quality: tuple[EdcPoint, ...]
    """Discarding by the quality score, the lower one of both pictures."""
    low: tuple[float, ...]
    """Lower ends of its 95 % interval, people drawn anew."""
    high: tuple[float, ...]
    """Upper ends."""
    oracle: tuple[EdcPoint, ...]
    """Discarding by the true cosine of the copy to its clean photo, which no gate knows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    scores: NDArray[np.float64]
    quality: NDArray[np.float64]
    truth: NDArray[np.float64]
    persons: NDArray[np.intp]


def find_discard(
    photos: Sequence[SpoiledSight], faces: Mapping[Path, LabFace | None], threshold: float, seed: int
) -> DiscardFindings | None:
    """Compares every spoiled copy with the other clean photos of its person.

    Args:
        photos: spoiled, as DIR/person/photo.
        faces: of all clean photos.
        threshold: comparison score needed.
        seed: of the drawing of people.

    Returns:
        None where no person has two photos with a face.
    """
    pairs = _pair(photos, faces)
    if pairs is None:
        return None
    curves = _draw(pairs, threshold, seed)
    low, high = np.percentile(curves, [2.5, 97.5], axis=0)
    return DiscardFindings(
        n_pairs=len(pairs.scores),
        n_persons=len(np.unique(pairs.persons)),
        threshold=threshold,
        quality=error_versus_discard(pairs.scores, pairs.quality, threshold),
        low=tuple(float(value) for value in low),
        high=tuple(float(value) for value in high),
        oracle=error_versus_discard(pairs.scores, pairs.truth, threshold),
    )


def _pair(photos: Sequence[SpoiledSight], faces: Mapping[Path, LabFace | None]) -> _Pairs | None:
    numbers = {name: number for number, name in enumerate(sorted({photo.photo.parent.name for photo in photos}))}
    rows: list[tuple[float, float, float, int]] = []
    for photo in photos:
        others = [
            face
            for path, face in faces.items()
            if path.parent == photo.photo.parent and path != photo.photo and face is not None
        ]
        for copy in photo.copies:
            if copy.face is None:
                continue
            vector = copy.face.embedding.template.vector
            rows += [
                (
                    float(np.dot(vector, other.embedding.template.vector)),
                    min(copy.quality, other.quality.score),
                    copy.cosine,
                    numbers[photo.photo.parent.name],
                )
                for other in others
            ]
    if not rows:
        return None
    scores, quality, truth, persons = zip(*rows, strict=True)
    return _Pairs(
        np.asarray(scores, np.float64),
        np.asarray(quality, np.float64),
        np.asarray(truth, np.float64),
        np.asarray(persons, np.intp),
    )


def _draw(pairs: _Pairs, threshold: float, seed: int) -> NDArray[np.float64]:
    rng, known = np.random.default_rng(seed), np.unique(pairs.persons)
    places = {int(person): np.flatnonzero(pairs.persons == person) for person in known}
    curves = []
    for _ in range(_DRAWS):
        chosen = np.concatenate([places[int(person)] for person in rng.choice(known, size=len(known))])
        points = error_versus_discard(pairs.scores[chosen], pairs.quality[chosen], threshold)
        curves.append([point.fnmr for point in points])
    return np.asarray(curves, np.float64)
