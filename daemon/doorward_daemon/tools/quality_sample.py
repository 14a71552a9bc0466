"""Good and bad pictures with their quality: sorted into folders by a person, or made by spoiling good ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.errors import InvalidInput
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.photo_folder import groups_in, photos_below, photos_in
from doorward_daemon.tools.report import remark
from doorward_daemon.tools.survey import progress, survey
from doorward_daemon.vision.degradation import (
    MISPLACED,
    REFUSED,
    Degradation,
    DegradationKind,
    misplace,
    spoil,
)

SEVERITIES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""How strongly every photo is spoiled in every way."""
KEPT_COSINE = 0.5
"""From here on a spoiled copy still shows the same person: good. A pack with a quality score may say otherwise."""
LOST_COSINE = 0.3
"""Below it no longer: bad. What lies between is left out. A pack with a quality score may say otherwise."""
ANY_KIND = ""
"""Kind of good pictures that stand against every kind of bad ones."""


@dataclass(frozen=True, slots=True)
class QualityEntry:
    """One picture whose quality score is judged."""

    kind: str
    """Kind of bad picture, or of spoiling; ANY_KIND for good pictures of a folder."""
    good: bool
    """Whether it can be compared."""
    score: float
    """Its quality score; 0 without a face."""
    band: QualityBand
    """Its band; REJECTED without a face."""


@dataclass(frozen=True, slots=True)
class QualitySample:
    """Everything one evaluation looks at."""

    entries: tuple[QualityEntry, ...]
    """Good and bad pictures."""
    clean_bands: tuple[QualityBand, ...]
    """Band of every clean picture."""
    n_no_face: int
    """Pictures without a face."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds there are, sorted."""
        return tuple(sorted({entry.kind for entry in self.entries} - {ANY_KIND}))


def sample_folders(lab: Lab, folder: Path) -> QualitySample:
    """Looks at DIR/in and DIR/out; a picture without a face scores 0.

    Raises:
        InvalidInput: FIELD_INVALID, one of the folders is not there or empty.
    """
    photos_below(folder / "out")  # said before the good pictures are looked at, not after
    sights = survey(lab, photos_below(folder / "in"), "Looking at good pictures").sights
    good = [_entry(ANY_KIND, sight.face, good=True) for sight in sights]
    no_face = sum(sight.face is None for sight in sights)
    bad = []
    kinds = [("out", photos_in(folder / "out")), *((group.name, group.photos) for group in groups_in(folder / "out"))]
    for kind, photos in kinds:
        sights = survey(lab, photos, f"Looking at bad pictures: {kind}").sights
        bad += [_entry(kind, sight.face, good=False) for sight in sights]
        no_face += sum(sight.face is None for sight in sights)
    return QualitySample((*good, *bad), tuple(entry.band for entry in good), no_face)


def sample_degraded(lab: Lab, folder: Path, seed: int) -> QualitySample:
    """Spoils every photo below a folder in every way and strength.

    A spoiled copy is good or bad by what became of its embedding; a copy in which no face is found has none, and is
    only counted. A mask, a drawing and what is no face are never good, however much of the embedding is left.

    Args:
        lab: the opened pack.
        folder: photos of faces.
        seed: of the spoiling; the same one gives the same copies.

    Raises:
        InvalidInput: FIELD_INVALID, the folder is not there or holds no photo.
    """
    photos = photos_below(folder)
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(photos))
    lost, kept = cosines_of(lab.manifest)
    entries: list[QualityEntry] = []
    bands, no_face = [], 0
    for photo, photo_seed in zip(progress(photos, "Spoiling photos"), seeds, strict=True):
        spoiled = spoiled_copies(lab, photo, int(photo_seed))
        bands.append(_entry(ANY_KIND, spoiled.clean, good=True).band)
        no_face += sum(face is None for face in (spoiled.clean, *(copy.face for copy in spoiled.copies)))
        entries += [
            _entry(copy.kind.lower(), copy.face, good=copy.cosine >= kept)
            for copy in spoiled.copies
            if copy.face is not None and (copy.cosine < lost or (copy.cosine >= kept and copy.kind not in REFUSED))
        ]
    return QualitySample(tuple(entries), tuple(bands), no_face)


def cosines_of(manifest: PackManifest) -> tuple[float, float]:
    """Cosines to the clean photo below which identity is lost, and from which it is kept."""
    quality = manifest.quality
    return (LOST_COSINE, KEPT_COSINE) if quality is None else (quality.lost_cosine, quality.kept_cosine)


@dataclass(frozen=True, slots=True, eq=False)
class SpoiledCopy:
    """A spoiled copy of a photo."""

    kind: DegradationKind
    """What was done to it."""
    severity: float
    """How strongly, 0..1."""
    face: LabFace | None
    """Its largest face; None where there is none any more."""
    cosine: float
    """Comparison score with the clean photo; 0 without a face."""


@dataclass(frozen=True, slots=True, eq=False)
class SpoiledPhoto:
    """A photo and its spoiled copies."""

    clean: LabFace | None
    """Its largest face; None where there is none, or where it cannot be read."""
    copies: tuple[SpoiledCopy, ...]
    """Its copies; none without a face to spoil."""


def spoiled_copies(
    lab: Lab, photo: Path, seed: int, kinds: Sequence[DegradationKind] = tuple(DegradationKind)
) -> SpoiledPhoto:
    """Spoils a photo in every way and strength; a photo without a face is named on stderr.

    Args:
        lab: the opened pack.
        photo: the file.
        seed: which of the many ways.
        kinds: in which ways; all by default.
    """
    try:
        picture = lab.read(photo)
    except (InvalidInput, OSError) as error:
        remark(f"{photo}: {error}")
        return SpoiledPhoto(None, ())
    clean = lab.look_at(picture)
    if clean is None:
        remark(f"{photo}: no face found")
        return SpoiledPhoto(None, ())
    ways = [Degradation(kind, severity, seed) for kind in kinds for severity in SEVERITIES]
    return SpoiledPhoto(clean, tuple(_copy(lab, picture, clean, way) for way in ways))


def _copy(lab: Lab, picture: Picture, clean: LabFace, way: Degradation) -> SpoiledCopy:
    if way.kind in MISPLACED:
        face: LabFace | None = lab.look_at_face(picture, misplace(picture, clean.face, way))
    else:
        face = lab.look_at(spoil(picture, clean.face, way))
    cosine = 0.0 if face is None else float(np.dot(clean.embedding.template.vector, face.embedding.template.vector))
    return SpoiledCopy(way.kind, way.severity, face, cosine)


def _entry(kind: str, face: LabFace | None, *, good: bool) -> QualityEntry:
    if face is None:
        return QualityEntry(kind, good, 0.0, QualityBand.REJECTED)
    return QualityEntry(kind, good, face.quality.score, face.quality.band)
