"""Scores that the gate gives to the photographs a head never saw, to copies of them, and to what is no face."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.quality_sample import cosines_of, spoiled_copies
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.degradation import Degradation, DegradationKind, misplace
from doorward_export.photographs import parts_of, photo_names
from doorward_export.things import HELD_OUT_PICTURES, drawn_thing, random_crop, shipped_pictures

_THINGS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Parallel arrays, one row per face; rows of one photo are not independent."""

    photo: NDArray[np.intp]
    """(N,) number of the photo."""
    score: NDArray[np.float64]
    """(N,) quality score of the gate, 0..1."""
    mask: NDArray[np.float64]
    """(N,) mask score, 0..1."""

    def __len__(self) -> int:
        return len(self.photo)


@dataclass(frozen=True, slots=True, eq=False)
class CopyScores:
    """Parallel arrays, one row per spoiled copy in which a face is found."""

    photo: NDArray[np.intp]
    """(N,) number of the photo."""
    score: NDArray[np.float64]
    """(N,) quality score of the gate, 0..1."""
    cosine: NDArray[np.float64]
    """(N,) to the clean photo."""
    kind: NDArray[np.str_]
    """(N,) DegradationKind."""
    severity: NDArray[np.float64]
    """(N,) 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutScores:
    """Everything the figures are made of."""

    pack: str
    """Its name."""
    lost: float
    """Cosine below which identity is lost."""
    kept: float
    """Cosine from which it is kept."""
    clean: Scores
    """Photos without a mask, as they are."""
    masked: Scores
    """Photos with one."""
    copies: CopyScores
    """Of photos without a mask."""
    things: Scores
    """What is no face; places beside faces have the number of the photo, other things numbers of their own."""


def score_part(lab: Lab, assets: Path, part: str, most_photos: int, seed: int) -> HeldOutScores:
    """Judges the photos of a part, copies of them, and things.

    Args:
        lab: the opened pack.
        assets: folder with train_faces.
        part: held_out; choose for trials.
        most_photos: spoil at most so many photos; 0 = all.
        seed: of the spoiling.

    Raises:
        InvalidInput: FIELD_INVALID, there are no photos.
    """
    parts = parts_of()
    names = [name for name in photo_names(assets) if parts.get(name) == part]
    bare, masked = (
        [assets / "train_faces" / name for name in names if name.startswith(f"{kind}/")]
        for kind in ("unmasked", "masked")
    )
    lost, kept = cosines_of(lab.manifest)
    return HeldOutScores(
        pack=lab.manifest.name,
        lost=lost,
        kept=kept,
        clean=_looked_at(lab, bare),
        masked=_looked_at(lab, masked),
        copies=_copies(lab, bare, most_photos, seed),
        things=_things(lab, bare, seed),
    )


def _looked_at(lab: Lab, paths: Sequence[Path]) -> Scores:
    found = ((number, lab.look(path)) for number, path in enumerate(progress(paths, "Looking at photos")))
    return _scores([(number, face) for number, face in found if face is not None])


def _copies(lab: Lab, paths: Sequence[Path], most: int, seed: int) -> CopyScores:
    chosen = list(enumerate(paths))[:: max(1, len(paths) // most) if most else 1]
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(chosen))
    copies = [
        (number, copy)
        for (number, path), one in zip(progress(chosen, "Spoiling photos"), seeds, strict=True)
        for copy in spoiled_copies(lab, path, int(one)).copies
    ]
    found = [(number, copy, copy.face.quality.score) for number, copy in copies if copy.face is not None]
    return CopyScores(
        photo=np.array([number for number, _, _ in found], np.intp),
        score=np.array([score for _, _, score in found], np.float64),
        cosine=np.array([copy.cosine for _, copy, _ in found], np.float64),
        kind=np.array([str(copy.kind) for _, copy, _ in found], np.str_),
        severity=np.array([copy.severity for _, copy, _ in found], np.float64),
    )


def _things(lab: Lab, photos: Sequence[Path], seed: int) -> Scores:
    """What is no face, each said to be one by a detector that errs: things, pages, places beside faces."""
    rng = np.random.default_rng([seed, 9])
    side, found = 160, []
    pictures = shipped_pictures(HELD_OUT_PICTURES)
    landmarks = np.array([(58, 70), (102, 70), (80, 96), (62, 122), (98, 122)], np.float32)
    box = np.array([30, 20, 130, 150], np.float32)
    for number in range(_THINGS):
        thing = random_crop(pictures[number % len(pictures)], rng, side) if number % 4 else drawn_thing(rng, side)
        moved = landmarks + rng.normal(0, 4, landmarks.shape).astype(np.float32)
        found.append((len(photos) + number, lab.look_at_face(Picture(thing), Face(box.copy(), moved, 0.8))))
    for number, path in enumerate(photos):
        picture = lab.read(path)
        face = lab.look_at(picture)
        if face is None:
            continue
        beside = misplace(picture, face.face, Degradation(DegradationKind.NON_FACE, 1.0, int(rng.integers(2**31))))
        low = np.maximum(beside.xyxy_px[:2], face.face.xyxy_px[:2])
        high = np.minimum(beside.xyxy_px[2:], face.face.xyxy_px[2:])
        if np.prod(np.maximum(high - low, 0)) <= 0.1 * beside.area_px:
            found.append((number, lab.look_at_face(picture, beside)))
    return _scores(found)


def _scores(found: Sequence[tuple[int, LabFace]]) -> Scores:
    return Scores(
        photo=np.array([number for number, _ in found], np.intp),
        score=np.array([face.quality.score for _, face in found], np.float64),
        mask=np.array([face.embedding.mask_score or 0.0 for _, face in found], np.float64),
    )
