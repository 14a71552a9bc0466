"""Versions that are no face: things, and the surroundings of faces."""

from collections.abc import Iterator, Sequence

import numpy as np

from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import Degradation, DegradationKind, misplace
from doorward_export.everyday import everyday
from doorward_export.photographs import Photograph
from doorward_export.tapped import TappedPack
from doorward_export.things import Pixels, drawn_thing, random_crop
from doorward_export.versions import Version

_MAX_OVERLAP = 0.1


def things(pack: TappedPack, pictures: Sequence[Pixels], count: int, seed: int) -> Iterator[Version]:
    """Crops of pictures and drawings without a face.

    Args:
        pack: its crops are that large.
        pictures: without faces.
        count: how many; half of them drawn.
        seed: the same gives the same crops.
    """
    rng = np.random.default_rng([seed, 1])
    for number in range(count):
        if number % 2 or not pictures:
            crop = drawn_thing(rng, pack.side_px)
        else:
            crop = random_crop(pictures[int(rng.integers(len(pictures)))], rng, pack.side_px)
        yield _no_face("thing", everyday(crop, rng))


def surroundings(pack: TappedPack, photos: Sequence[Photograph], seed: int) -> Iterator[Version]:
    """One crop beside the face of every photo that has room for it.

    Args:
        pack: cuts the crops.
        photos: with faces.
        seed: the same gives the same crops.
    """
    rng = np.random.default_rng([seed, 2])
    for photo in photos:
        draw = Degradation(DegradationKind.NON_FACE, 1.0, int(rng.integers(2**31)))
        beside = misplace(Picture(photo.bgr_hwc), photo.face, draw)
        low = np.maximum(beside.xyxy_px[:2], photo.face.xyxy_px[:2])
        high = np.minimum(beside.xyxy_px[2:], photo.face.xyxy_px[2:])
        overlap = float(np.prod(np.maximum(high - low, 0.0)))
        if overlap <= _MAX_OVERLAP * beside.area_px:
            yield _no_face("surroundings", pack.crop(photo.bgr_hwc, beside.landmarks_px))


def _no_face(kind: str, crop: Pixels) -> Version:
    return Version(crop, kind, -1, False, 0.0, 0.0, np.nan, np.nan)
