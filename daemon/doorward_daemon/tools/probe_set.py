"""What is searched for in an evaluation: photos of people as they are, or spoiled copies of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.quality_sample import spoiled_copies
from doorward_daemon.tools.survey import progress, survey


@dataclass(frozen=True, slots=True, eq=False)
class ProbeSet:
    """The faces of an evaluation by photo."""

    references: Mapping[Path, LabFace | None]
    """What was seen in each photo, for enrolment."""
    probes: Mapping[Path, Sequence[LabFace | None]]
    """What is searched for each photo: the photo, or its spoiled copies."""

    @property
    def probes_per_photo(self) -> int:
        """Probes the photo with most of them gives."""
        return max((len(probes) for probes in self.probes.values()), default=0)


def clean_probes(faces: Mapping[Path, LabFace | None]) -> ProbeSet:
    """Every photo is its own probe."""
    return ProbeSet(faces, {photo: (face,) for photo, face in faces.items()})


def look_at_people(lab: Lab, persons: Sequence[PhotoGroup]) -> ProbeSet:
    """Looks at every photo of every person."""
    photos = [photo for person in persons for photo in person.photos]
    found = survey(lab, photos, "Looking at photos")
    return clean_probes({sight.path: sight.face for sight in found.sights})


def look_at_spoiled(lab: Lab, persons: Sequence[PhotoGroup], seed: int) -> ProbeSet:
    """Spoils every photo in every way and strength; the copies are the probes, the clean photos the references.

    Args:
        lab: the opened pack.
        persons: whose photos.
        seed: of the spoiling; the same one gives the same copies as `eval quality --degrade`.
    """
    photos = [photo for person in persons for photo in person.photos]
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(photos))
    references: dict[Path, LabFace | None] = {}
    probes: dict[Path, tuple[LabFace | None, ...]] = {}
    for photo, photo_seed in zip(progress(photos, "Spoiling photos"), seeds, strict=True):
        spoiled = spoiled_copies(lab, photo, int(photo_seed))
        references[photo] = spoiled.clean
        # A copy in which no face is found is a probe as well: it names nobody.
        probes[photo] = tuple(copy.face for copy in spoiled.copies) or (None,)
    return ProbeSet(references, probes)
