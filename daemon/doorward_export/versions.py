"""Makes treated versions of photographs: crops, and what is known of each."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import MISPLACED, Degradation, DegradationKind, misplace, spoil
from doorward_export.everyday import everyday, jittered
from doorward_export.photographs import Photograph
from doorward_export.recipe import MASK_CAP, Way, cap_of, turn_of
from doorward_export.tapped import TappedPack

_TWICE, _REDETECTED = 0.2, 0.4
_EVERYDAY_TOO = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One crop and what is known of it."""

    crop: NDArray[np.uint8]
    """(S, S, 3) uint8, as the embedder takes it."""
    kind: str
    """What was done."""
    photo: int
    """Index of the photo; -1 for what never was one."""
    flipped: bool
    """Whether the photo was mirrored."""
    cap: float
    """What it is worth at most, but for its turn; 0 for what is no face."""
    turn_deg: float
    """Turn of the head, absolute: that of the photo, or what was made of it where that is more."""
    mask: float
    """1 = a mask is worn, 0 = none, NaN = cannot be told."""
    cover: float
    """1 = something else covers the face, 0 = nothing, NaN = cannot be told."""


def clean_version(pack: TappedPack, photo: Photograph, index: int, *, flipped: bool) -> Version:
    """The photo as it is, or mirrored: what all its versions are compared with."""
    picture, face = _mirrored(photo) if flipped else (photo.bgr_hwc, photo.face)
    crop = pack.crop(picture, face.landmarks_px)
    cap = MASK_CAP if photo.is_masked else 1.0
    return Version(
        crop, "clean", index, flipped, cap, photo.yaw_deg, float(photo.is_masked), np.nan if photo.is_masked else 0.0
    )


@dataclass(frozen=True, slots=True)
class Round:
    """How a photo is treated, how often."""

    ways: tuple[Way, ...]
    """Drawn from by their weights; the first is what masked photos get."""
    count: int
    """Versions of every photo without a mask."""
    masked_count: int
    """Versions of every masked photo."""
    stream: tuple[int, ...]
    """Seed of its draws."""

    def draw(self, rng: np.random.Generator) -> Way:
        """One of the ways."""
        weights = np.array([way.weight for way in self.ways]) / sum(way.weight for way in self.ways)
        return self.ways[int(rng.choice(len(self.ways), p=weights))]


def versions_of(pack: TappedPack, photo: Photograph, index: int, course: Round) -> Iterator[Version]:
    """Treated versions of one photo.

    Args:
        pack: crops, and finds the face again where a version is to look as the daemon would see it.
        photo: the photo.
        index: its number.
        course: ways, number and seed.
    """
    rng = np.random.default_rng([*course.stream, index])
    for _ in range(course.masked_count if photo.is_masked else course.count):
        way = course.ways[0] if photo.is_masked else course.draw(rng)
        made = _version(pack, photo, index, (way, course), rng)
        if made is not None:
            yield made


def _version(
    pack: TappedPack, photo: Photograph, index: int, drawn: tuple[Way, Round], rng: np.random.Generator
) -> Version | None:
    way, course = drawn
    flipped = bool(rng.integers(2))
    bgr, face = _mirrored(photo) if flipped else (photo.bgr_hwc, photo.face)
    strength = float(rng.uniform(way.least, 1.0))
    cap, mask, cover = cap_of(way, strength), float(strength >= way.mask_from), float(strength >= way.cover_from)
    turn_deg = max(photo.yaw_deg, turn_of(way, strength))
    bgr, moved = _treated(bgr, face, way, strength, rng)
    if rng.uniform() < _TWICE and way.name != "everyday":
        second = course.draw(rng)
        mild = float(rng.uniform(0.0, 0.7))
        bgr, _ = _treated(bgr, face, second, mild, rng)
        cap, turn_deg = min(cap, cap_of(second, mild)), max(turn_deg, turn_of(second, mild))
        mask, cover = max(mask, float(mild >= second.mask_from)), max(cover, float(mild >= second.cover_from))
    if way.name == "everyday" or rng.uniform() < _EVERYDAY_TOO:
        bgr = everyday(bgr, rng)
    if photo.is_masked:
        cap, mask, cover = MASK_CAP, 1.0, np.nan
    landmarks = _landmarks(pack, bgr, face, moved, way, rng)
    if landmarks is None:
        return None
    border = _bordered(bgr, landmarks, rng)
    return Version(pack.crop(*border), way.name, index, flipped, cap, turn_deg, mask, cover)


def _treated(
    bgr: NDArray[np.uint8], face: Face, way: Way, strength: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], Face | None]:
    """The picture after a way, and the face where it was moved."""
    if way.name == "everyday":
        return bgr, None
    if way.maker is not None:
        return way.maker(bgr, face, strength, rng), None
    degradation = Degradation(DegradationKind(way.name.upper()), strength, int(rng.integers(2**31)))
    if degradation.kind in MISPLACED:
        return bgr, misplace(Picture(bgr), face, degradation)
    return spoil(Picture(bgr), face, degradation).bgr_hwc, None


def _landmarks(
    pack: TappedPack, bgr: NDArray[np.uint8], face: Face, moved: Face | None, way: Way, rng: np.random.Generator
) -> NDArray[np.float32] | None:
    if moved is not None:
        return moved.landmarks_px
    if way.name == "profile" or rng.uniform() < _REDETECTED:
        found = pack.find(bgr)
        if found is not None and _is_same(found, face):
            return found.landmarks_px
        if way.name == "profile":
            return None  # where the face went, only a detector can say
    return jittered(face.landmarks_px, rng)


def _bordered(
    bgr: NDArray[np.uint8], landmarks: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """At times the picture goes on beyond its border, mirrored, so that no head learns to look for black corners."""
    if rng.uniform() < 0.5:
        return bgr, landmarks
    pad = max(bgr.shape[:2]) // 2
    return np.pad(bgr, ((pad, pad), (pad, pad), (0, 0)), mode="reflect"), landmarks + np.float32(pad)


def _is_same(found: Face, face: Face) -> bool:
    distance = float(np.linalg.norm(found.landmarks_px.mean(axis=0) - face.landmarks_px.mean(axis=0)))
    return distance < 0.5 * face.width_px


def _mirrored(photo: Photograph) -> tuple[NDArray[np.uint8], Face]:
    width = photo.bgr_hwc.shape[1]
    landmarks = photo.face.landmarks_px[[1, 0, 2, 4, 3]].copy()
    landmarks[:, 0] = width - 1 - landmarks[:, 0]
    left, top, right, bottom = photo.face.xyxy_px
    box = np.array([width - 1 - right, top, width - 1 - left, bottom], np.float32)
    return np.ascontiguousarray(photo.bgr_hwc[:, ::-1]), Face(box, landmarks, photo.face.score)
