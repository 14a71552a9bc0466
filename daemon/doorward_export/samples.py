"""Turns photographs into what a head is trained and measured on: inputs, cosines, and what is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import MISPLACED, Degradation, DegradationKind, misplace, spoil
from doorward_daemon.vision.degradation.turn import MAX_YAW_DEG
from doorward_export.photographs import Photograph
from doorward_export.tapped import TappedPack
from doorward_export.versions import Version, clean_version

_CHUNK = 256


COLUMNS = ("inputs", "cosine", "cap", "turn_deg", "mask", "cover", "photo")
"""Arrays of samples, besides the kinds."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Parallel arrays, one row per crop."""

    inputs: NDArray[np.float16]
    """(N, D) float16: what the head reads."""
    cosine: NDArray[np.float64]
    """(N,) to the clean photo; 0 for what never was a photo."""
    cap: NDArray[np.float64]
    """(N,) what the crop is worth at most, but for its turn."""
    turn_deg: NDArray[np.float64]
    """(N,) turn of the head, absolute: that of the photo, or what was made of it where that is more."""
    mask: NDArray[np.float64]
    """(N,) 1, 0, or NaN where it cannot be told."""
    cover: NDArray[np.float64]
    """(N,) 1, 0, or NaN where it cannot be told."""
    photo: NDArray[np.intp]
    """(N,) number of the photo, -1 = none."""
    kind: tuple[str, ...]
    """(N,) what was done."""

    def __len__(self) -> int:
        return len(self.photo)

    def own_turn_deg(self) -> NDArray[np.float64]:
        """(N,) turn of the head in the photo itself, as its clean crop has it; 0 for what never was a photo."""
        of_photo = np.zeros(int(self.photo.max(initial=-1)) + 2)
        is_clean = np.array(self.kind) == "clean"
        of_photo[self.photo[is_clean]] = self.turn_deg[is_clean]
        return np.asarray(of_photo[self.photo], np.float64)

    def where(self, chosen: NDArray[np.bool_]) -> "Samples":
        """The chosen rows."""
        arrays = {name: getattr(self, name)[chosen] for name in COLUMNS}
        return replace(self, kind=tuple(kind for kind, is_in in zip(self.kind, chosen, strict=True) if is_in), **arrays)


def gather(pack: TappedPack, photos: Sequence[Photograph], versions: Iterable[Version]) -> Samples:
    """Reads clean photos and versions of them.

    Args:
        pack: reads crops.
        photos: the photos that the versions count by.
        versions: of them, and of things; may be long, it is worked off in parts.

    Returns:
        The clean photos first (not mirrored, then mirrored), then the versions.
    """
    clean = [clean_version(pack, photo, index, flipped=f) for f in (False, True) for index, photo in enumerate(photos)]
    first = pack.read([version.crop for version in clean])
    parts = [_rows(clean, first.inputs, np.ones(len(clean)))]
    for chunk in _chunks(versions):
        reading = pack.read([version.crop for version in chunk])
        home = np.array([version.photo + len(photos) * version.flipped for version in chunk])
        cosine = np.where(home >= 0, (reading.vectors * first.vectors[home]).sum(axis=1), 0.0)
        parts.append(_rows(chunk, reading.inputs, cosine))
    return _joined(parts)


def suite_versions(
    pack: TappedPack,
    photo: Photograph,
    index: int,
    severities: Sequence[float],
    seed: int,
    kinds: Sequence[DegradationKind] = tuple(DegradationKind),
) -> Iterator[Version]:
    """A photo spoiled in every way of the evaluation suite, found again by the detector as the daemon would.

    Args:
        pack: crops and finds.
        photo: the photo.
        index: its number.
        severities: of every kind.
        seed: of the spoiling.
        kinds: in which ways.
    """
    for kind in kinds:
        for severity in severities:
            way = Degradation(kind, float(severity), seed)
            if kind in MISPLACED:
                face, bgr = misplace(Picture(photo.bgr_hwc), photo.face, way), photo.bgr_hwc
            else:
                bgr = spoil(Picture(photo.bgr_hwc), photo.face, way).bgr_hwc
                found = pack.find(bgr)
                if found is None:
                    continue
                face = found
            crop = pack.crop(bgr, face.landmarks_px)
            turn_deg = MAX_YAW_DEG * way.severity if kind is DegradationKind.PROFILE else photo.yaw_deg
            yield Version(crop, kind.lower(), index, False, 1.0, turn_deg, np.nan, np.nan)


def _rows(versions: Sequence[Version], inputs: NDArray[np.float16], cosine: NDArray[np.floating]) -> Samples:
    return Samples(
        inputs=inputs,
        cosine=np.asarray(cosine, np.float64),
        cap=np.array([version.cap for version in versions]),
        turn_deg=np.array([version.turn_deg for version in versions]),
        mask=np.array([version.mask for version in versions]),
        cover=np.array([version.cover for version in versions]),
        photo=np.array([version.photo for version in versions], np.intp),
        kind=tuple(version.kind for version in versions),
    )


def _joined(parts: Sequence[Samples]) -> Samples:
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS}
    return Samples(kind=tuple(chain.from_iterable(part.kind for part in parts)), **arrays)


def _chunks(versions: Iterable[Version]) -> Iterator[list[Version]]:
    waiting = iter(versions)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk
