"""What a calibration is read off: comparisons of known people, of portraits, and spoiled copies of the portraits."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.lab import Lab
from doorward_daemon.tools.photo_folder import bad_folder, groups_in, photos_below
from doorward_daemon.tools.quality_sample import spoiled_copies
from doorward_daemon.tools.statistics import Crowd, ImpostorCohort, compare_all
from doorward_daemon.tools.survey import Sight, progress, survey
from doorward_daemon.vision.degradation import CAMERA_FAULTS

SPOILED_PORTRAITS = 60
"""Portraits that are spoiled in every way to find the norm at which identity is lost; evenly spread over the folder."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationEvidence:
    """Everything the constants are computed from."""

    identities: Crowd
    """Faces of known people."""
    portraits: Crowd
    """Faces of people nobody has named; each counts as a person."""
    genuine: NDArray[np.float64]
    """(G,) comparison scores of pairs of one known person."""
    look_alike_limit: float
    """Median of these: portraits that resemble each other more are taken to be one person."""
    portrait_norms: NDArray[np.float64]
    """(P,) embedding norms of the portraits."""
    spoiled_norms: NDArray[np.float64]
    """(S,) embedding norms of spoiled copies of some portraits."""
    spoiled_cosines: NDArray[np.float64]
    """(S,) comparison scores of these copies with the clean portrait."""

    def cohorts(self) -> dict[str, ImpostorCohort]:
        """Comparisons of different people, by name."""
        return {
            "identities": ImpostorCohort.within(self.identities),
            "identities_x_portraits": ImpostorCohort.between(self.identities, self.portraits),
            "portraits": ImpostorCohort.within(self.portraits, self.look_alike_limit),
        }

    def leads(self, threshold: float) -> NDArray[np.float64]:
        """By how much right answers lead: each known face against each other one of its person and all other people.

        Args:
            threshold: comparison score an answer needs.
        """
        own = self.identities.vectors.astype(np.float64)
        scores = own @ own.T
        same = self.identities.persons[:, None] == self.identities.persons[None, :]
        others = np.hstack([np.where(same, -1.0, scores), own @ self.portraits.vectors.astype(np.float64).T]).max(
            axis=1
        )
        asked = same & ~np.eye(len(own), dtype=bool) & (scores >= threshold) & (scores > others[:, None])
        return np.asarray((scores - others[:, None])[asked])


def collect_evidence(lab: Lab, identities: Path, portraits: Path, seed: int) -> CalibrationEvidence:
    """Looks at all photos.

    Args:
        lab: the opened pack.
        identities: folder person/photo.
        portraits: folder of photos of people nobody has named.
        seed: of the spoiling.

    Raises:
        InvalidInput: FIELD_INVALID, a folder does not hold what is needed.
    """
    persons = groups_in(identities)
    known = survey(lab, [photo for person in persons for photo in person.photos], "Looking at known people").sights
    numbers = [number for number, person in enumerate(persons) for _ in person.photos]
    people = _crowd(known, numbers)
    genuine = compare_all(
        people.vectors, [str(person) for person in people.persons], np.ones(len(people.persons))
    ).genuine
    if len(set(people.persons.tolist())) < 2 or not len(genuine):
        raise bad_folder(
            identities, "shows too few people; expected DIR/person/photo, two people and two photos of one"
        )
    files = photos_below(portraits)
    strangers = survey(lab, files, "Looking at portraits").sights
    crowd = _crowd(strangers, range(len(files)))
    if len(crowd.persons) < 2:
        raise bad_folder(portraits, "shows fewer than two faces")
    norms, cosines = _spoil(lab, files, seed)
    return CalibrationEvidence(
        identities=people,
        portraits=crowd,
        genuine=np.sort(genuine),
        look_alike_limit=float(np.median(genuine)),
        portrait_norms=np.asarray([sight.face.embedding.norm for sight in strangers if sight.face], np.float64),
        spoiled_norms=norms,
        spoiled_cosines=cosines,
    )


def _crowd(sights: Sequence[Sight], numbers: Sequence[int]) -> Crowd:
    seen = [(number, sight.face) for number, sight in zip(numbers, sights, strict=True) if sight.face is not None]
    vectors = [face.embedding.template.vector for _, face in seen]
    return Crowd(
        np.stack(vectors) if vectors else np.zeros((0, 1), np.float32),
        np.asarray([number for number, _ in seen], np.intp),
    )


def _spoil(lab: Lab, photos: Sequence[Path], seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    norms, cosines = [], []
    for photo in progress(photos[:: max(1, len(photos) // SPOILED_PORTRAITS)], "Spoiling portraits"):
        for copy in spoiled_copies(lab, photo, seed, CAMERA_FAULTS).copies:
            if copy.face is not None:
                norms.append(copy.face.embedding.norm)
                cosines.append(copy.cosine)
    return np.asarray(norms, np.float64), np.asarray(cosines, np.float64)
