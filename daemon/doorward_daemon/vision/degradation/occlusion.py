"""A covered face: a plain patch over a part of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face

# Covered at severity 1, as left, top, right, bottom in the box of the face: lower half, upper half, either side.
_PLACES = ((0.0, 0.45, 1.0, 1.05), (0.0, -0.1, 1.0, 0.55), (-0.05, 0.0, 0.6, 1.0), (0.4, 0.0, 1.05, 1.0))


def cover(bgr_hwc: NDArray[np.uint8], face: Face, severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Covers the lower half, the upper half or one side of the face.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: whose box is covered.
        severity: 0..1, the covered share of that part's longer reach into the face.
        rng: draws the place and the colour.
    """
    place = int(rng.integers(len(_PLACES)))
    left, top, right, bottom = _PLACES[place]
    if place == 0:
        top = bottom - (bottom - top) * severity
    elif place == 1:
        bottom = top + (bottom - top) * severity
    elif place == 2:
        right = left + (right - left) * severity
    else:
        left = right - (right - left) * severity
    corner, size = face.xyxy_px[:2], np.array([face.width_px, face.height_px])
    first, last = np.rint([corner + size * (left, top), corner + size * (right, bottom)]).astype(int)
    colour = [int(value) for value in rng.integers(10, 240, 3)]
    covered = bgr_hwc.copy()
    cv2.rectangle(covered, (int(first[0]), int(first[1])), (int(last[0]), int(last[1])), colour, thickness=cv2.FILLED)
    return covered
