"""Presentations to liveness: bona fide and attacks, from folders a person sorted, or attacks made of portraits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.errors import InvalidInput
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment
from doorward_daemon.model.picture import Picture
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.report import remark
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.detection import Detector
from doorward_daemon.vision.liveness import LivenessChecker
from doorward_daemon.vision.picture import PictureSettings, decode_picture
from doorward_daemon.vision.recapture import Recapture, Recaptured, RecaptureSpecies, compress, recapture

BONA_FIDE = ""
"""Species of what is no attack."""


@dataclass(frozen=True, slots=True, eq=False)
class Presentation:
    """One presentation and what was answered."""

    species: str
    """Of the attack instrument; BONA_FIDE for none."""
    assessment: LivenessAssessment | None
    """What liveness says; None where there was no face to ask about."""


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """Looks at pictures as the daemon does."""

    detector: Detector
    """Finds faces."""
    checker: LivenessChecker
    """Judges them."""
    picture: PictureSettings
    """Limits in front of the decoder."""
    jpeg_quality: int = 0
    """Quality at which the camera compresses what it shows, 1..100; 0 = it does not."""

    def read(self, photo: Path) -> Picture | None:
        """Decodes a photo; what is wrong with it is said on stderr."""
        try:
            return decode_picture(photo.read_bytes(), self.picture)
        except (InvalidInput, OSError) as error:
            remark(f"{photo}: {error}")
            return None

    def face_of(self, picture: Picture, photo: Path) -> Face | None:
        """The largest face; where there is none, that is said on stderr."""
        faces = self.detector.detect(picture.bgr_hwc).largest_first()
        if not faces:
            remark(f"{photo}: no face found")
        return faces[0] if faces else None

    def sent(self, picture: Picture) -> Picture:
        """The picture as the camera sends it."""
        return Picture(compress(picture.bgr_hwc, self.jpeg_quality)) if self.jpeg_quality else picture

    def assess(self, picture: Picture, face: Face) -> LivenessAssessment:
        """What liveness says of a face."""
        return self.checker.assess(picture.bgr_hwc, face)

    def assess_attack(self, seen: Recaptured) -> LivenessAssessment | None:
        """What it says of the face on an instrument; None where none is found there."""
        picture = self.sent(seen.picture)
        faces = self.detector.detect(picture.bgr_hwc).largest_first()
        face = next((found for found in faces if seen.shows(found)), None)
        return None if face is None else self.assess(picture, face)


def present_folders(watch: Watch, bona_fide: Sequence[Path], species: Sequence[PhotoGroup]) -> list[Presentation]:
    """Presents photos that a person sorted; the largest face of each counts.

    Args:
        watch: looks.
        bona_fide: photos of people.
        species: photos of attacks.
    """
    groups = [PhotoGroup(BONA_FIDE, tuple(bona_fide)), *species]
    shots = [(group.name, photo) for group in groups for photo in group.photos]
    found = []
    for name, photo in progress(shots, "Looking at photos"):
        picture = watch.read(photo)
        face = None if picture is None else watch.face_of(picture, photo)
        found.append(Presentation(name, None if picture is None or face is None else watch.assess(picture, face)))
    return found


def present_recaptured(watch: Watch, photos: Sequence[Path], seed: int) -> list[Presentation]:
    """Presents portraits as they are, and recaptured with every species of instrument.

    Args:
        watch: looks.
        photos: of one person each; the next one's photo is the scene in which a phone is held up.
        seed: of the recapturing; the same one gives the same attacks.
    """
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(photos))
    found: list[Presentation] = []
    for number, photo in enumerate(progress(photos, "Recapturing portraits")):
        scene = photos[(number + 1) % len(photos)] if len(photos) > 1 else None
        found += _present(watch, photo, int(seeds[number]), scene)
    return found


def _present(watch: Watch, photo: Path, seed: int, scene: Path | None) -> Iterator[Presentation]:
    picture = watch.read(photo)
    face = None if picture is None else watch.face_of(picture, photo)
    if picture is None or face is None:
        yield Presentation(BONA_FIDE, None)
        return
    sent = watch.sent(picture)
    found = watch.face_of(sent, photo)
    yield Presentation(BONA_FIDE, None if found is None else watch.assess(sent, found))
    holder = None if scene is None else watch.read(scene)
    for species in RecaptureSpecies:
        if species is RecaptureSpecies.PHONE_BEFORE_PERSON and holder is None:
            continue
        seen = recapture(picture, face, Recapture(species, seed), holder)
        yield Presentation(species.value.lower(), watch.assess_attack(seen))
