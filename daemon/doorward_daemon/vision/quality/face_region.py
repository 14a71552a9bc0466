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
_FACE = np.flatnonzero(
    ((_X - _CENTRE_PX[0]) / _HALF_AXES_PX[0]) ** 2 + ((_Y - _CENTRE_PX[1]) / _HALF_AXES_PX[1]) ** 2 < 1.0
)
_FACE_XY = np.stack([_X.ravel()[_FACE], _Y.ravel()[_FACE]]).astype(np.float64)
# Below this there is no face to measure.
_MIN_VISIBLE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class FaceRegion:
    """Pixels of the crop that show the face."""

    visible: NDArray[np.intp]
    """Flat indices into the crop, inside the picture; empty where less than a fifth of the face is."""
    inner: NDArray[np.intp]
    """Those of them that no filter of a few pixels mixes with the border of the picture."""
    outside_share: float
    """Share of the face that lies outside the picture, 0..1."""


def find_face_region(picture: Picture, crop: AlignedFace, filter_reach_px: float) -> FaceRegion:
    """Finds the pixels of the face.

    Args:
        picture: what the crop was taken from.
        crop: (112, 112, 3), aligned to the ArcFace template.
        filter_reach_px: how far filters reach, pixels of the crop.
    """
    if not crop.scale > 0.0:
        return FaceRegion(_FACE[:0], _FACE[:0], 1.0)
    inverse = np.linalg.inv(crop.matrix[:, :2])
    offset = -inverse @ crop.matrix[:, 2]
    corners = inverse @ np.array([[0.0, SIDE_PX, 0.0, SIDE_PX], [0.0, 0.0, SIDE_PX, SIDE_PX]]) + offset[:, None]
    size = np.array([[picture.width_px], [picture.height_px]], np.float64)
    if (corners >= 0.0).all() and (corners <= size - 1.0).all():
        return FaceRegion(_FACE, _FACE, 0.0)
    points = inverse @ _FACE_XY + offset[:, None]
    # Distance to the nearest border of the picture, positive inside, in pixels of the crop.
    depth = np.minimum(points, size - 1.0 - points).min(axis=0) * crop.scale
    inside = depth >= 0.0
    share = float(inside.mean())
    if not share >= _MIN_VISIBLE:
        return FaceRegion(_FACE[:0], _FACE[:0], 1.0 - share)
    return FaceRegion(_FACE[inside], _FACE[depth >= filter_reach_px], 1.0 - share)
