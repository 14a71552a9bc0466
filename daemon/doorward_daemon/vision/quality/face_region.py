"""Which pixels of the aligned crop show the face, and which of them lie inside the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.alignment import AlignedFace

SIDE_PX = 112
"""Side of the crops judged here, aligned to the ArcFace template."""

# An ellipse around eyes, nose and mouth of the template, from the brows to the chin, between the ears.
_CENTRE_PX, _HALF_AXES_PX = (56.0, 70.0), (38.0, 44.0)
_Y, _X = np.mgrid[0:SIDE_PX, 0:SIDE_PX]
_FACE = ((_X - _CENTRE_PX[0]) / _HALF_AXES_PX[0]) ** 2 + ((_Y - _CENTRE_PX[1]) / _HALF_AXES_PX[1]) ** 2 < 1.0
_FACE_XY = np.stack([_X[_FACE], _Y[_FACE]]).astype(np.float64)
# Below this there is no face to measure.
_MIN_VISIBLE = 0.2


def face_window(reach_px: int) -> tuple[slice, slice]:
    """The rows and columns of the crop that hold the face, and what filters see around it.

    Args:
        reach_px: how far filters reach; within it the cut looks to them as the whole crop does.
    """
    rows, columns = np.flatnonzero(_FACE.any(axis=1)), np.flatnonzero(_FACE.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - reach_px), min(SIDE_PX, int(rows[-1]) + 1 + reach_px)),
        slice(max(0, int(columns[0]) - reach_px), min(SIDE_PX, int(columns[-1]) + 1 + reach_px)),
    )


# Squares of 0.3 inter-eye distances half an eye-mouth distance below each eye of the template (OFIQ's cheeks).
CHEEKS = ((slice(66, 78), slice(32, 44)), (slice(66, 78), slice(68, 80)))
"""Rows and columns of the crop that show the left and the right cheek, as in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceRegion:
    """Pixels of the crop that show the face."""

    visible: NDArray[np.uint8]
    """(112, 112) uint8: 255 = face and inside the picture, else 0; all 0 where less than a fifth of the face is."""
    inner: NDArray[np.float32]
    """(112, 112) float32: 1 for those that no filter of a few pixels mixes with the picture's border, else 0."""
    inner_px: int
    """How many pixels that are."""
    outside_share: float
    """Share of the face that lies outside the picture, 0..1."""


def _region(visible: NDArray[np.bool_], inner: NDArray[np.bool_], outside_share: float) -> FaceRegion:
    return FaceRegion(
        visible.astype(np.uint8) * np.uint8(255), inner.astype(np.float32), int(np.count_nonzero(inner)), outside_share
    )


_WHOLE = _region(_FACE, _FACE, 0.0)
_NOWHERE = np.zeros_like(_FACE)


def find_face_region(picture: Picture, crop: AlignedFace, filter_reach_px: float) -> FaceRegion:
    """Finds the pixels of the face.

    Args:
        picture: what the crop was taken from.
        crop: (112, 112, 3), aligned to the ArcFace template.
        filter_reach_px: how far filters reach, pixels of the crop.
    """
    if not crop.scale > 0.0:
        return _region(_NOWHERE, _NOWHERE, 1.0)
    inverse, offset = _to_picture(crop)
    if _is_inside(inverse, offset, picture):
        return _WHOLE
    points = inverse @ _FACE_XY + offset[:, None]
    size = np.array([[picture.width_px], [picture.height_px]], np.float64)
    # Distance to the nearest border of the picture, positive inside, in pixels of the crop.
    depth = np.minimum(points, size - 1.0 - points).min(axis=0) * crop.scale
    inside = depth >= 0.0
    share = float(inside.mean())
    if not share >= _MIN_VISIBLE:
        return _region(_NOWHERE, _NOWHERE, 1.0 - share)
    visible, inner = np.zeros_like(_FACE), np.zeros_like(_FACE)
    visible[_FACE], inner[_FACE] = inside, depth >= filter_reach_px
    return _region(visible, inner, 1.0 - share)


def _to_picture(crop: AlignedFace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    (a, b, x), (c, d, y) = crop.matrix.tolist()
    inverse = np.array([[d, -b], [-c, a]]) / (a * d - b * c)
    return inverse, -inverse @ (x, y)


def _is_inside(inverse: NDArray[np.float64], offset: NDArray[np.float64], picture: Picture) -> bool:
    """Whether the whole crop lies inside the picture, as nearly every face does."""
    limits = (picture.width_px - 1, picture.height_px - 1)
    for (over_x, over_y), start, limit in zip(inverse.tolist(), offset.tolist(), limits, strict=True):
        # The corners of a parallelogram reach as far as the negative and the positive steps add up to.
        steps = (over_x * SIDE_PX, over_y * SIDE_PX)
        if start + sum(min(0.0, step) for step in steps) < 0.0 or start + sum(max(0.0, step) for step in steps) > limit:
            return False
    return True
