"""A covered face: a plain patch over a part of it, or a mask over mouth and nose."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame

# Covered at severity 1, as left, top, right, bottom in the box of the face: lower half, upper half, either side.
_PLACES = ((0.0, 0.45, 1.0, 1.05), (0.0, -0.1, 1.0, 0.55), (-0.05, 0.0, 0.6, 1.0), (0.4, 0.0, 1.05, 1.0))
# Cloth of medical and textile masks, blue, green, red.
_CLOTHS = ((215, 190, 150), (235, 235, 235), (60, 60, 60), (190, 150, 90), (120, 90, 150), (205, 215, 190))
# Outline of a mask, right and down of the eyes in units of the face: bridge, cheeks, jaw, chin. Its upper edge moves.
_JAW = ((1.12, 0.5), (1.05, 0.95), (0.72, 1.5), (0.0, 1.8), (-0.72, 1.5), (-1.05, 0.95), (-1.12, 0.5))
_UPPER_EDGE = (1.1, 0.25)  # below the lip at severity 0, on the bridge of the nose at 1


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


def wear_mask(bgr_hwc: NDArray[np.uint8], face: Face, severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draws a mask with folds and shade over chin, mouth and, with severity, the nose.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: who wears it.
        severity: 0..1: the upper edge lies below the lips at 0 and on the bridge of the nose at 1.
        rng: draws cloth, folds and light.
    """
    frame = FaceFrame.of(face)
    bridge = _UPPER_EDGE[0] + (_UPPER_EDGE[1] - _UPPER_EDGE[0]) * severity
    jaw = np.array(_JAW) * rng.uniform(0.95, 1.08, 2)
    cheek = np.maximum(jaw[[-1, 0]], (-9.0, bridge + 0.12))
    outline = np.concatenate(
        [jaw[1:-1], cheek[:1], [(-0.25, bridge + 0.05), (0.0, bridge), (0.25, bridge + 0.05)], cheek[1:]]
    )
    right, down = frame.of_pixels(*bgr_hwc.shape[:2])
    folds = 0.06 * np.sin(down * rng.uniform(10.0, 22.0) + 1.5 * right**2 + rng.uniform(0.0, 6.0))
    light = 1.05 - 0.35 * np.clip(np.abs(right - rng.uniform(-0.3, 0.3)), 0.0, 1.2) ** 2 + folds * rng.integers(0, 2)
    cloth = np.array(_CLOTHS[int(rng.integers(len(_CLOTHS)))]) * rng.uniform(0.75, 1.1)
    painted = np.clip(light[..., None] * cloth + rng.normal(0.0, 3.0, bgr_hwc.shape), 0, 255)
    return blend(bgr_hwc, painted, polygon_share(bgr_hwc.shape[:2], frame.to_picture(outline), frame.unit_px))


def polygon_share(size: tuple[int, int], outline_px: NDArray[np.float64], unit_px: float) -> NDArray[np.float32]:
    """How much of each pixel a polygon covers, with an edge a little softer than a pixel.

    Args:
        size: height and width.
        outline_px: (N, 2) float64.
        unit_px: size of the face, for the softness.

    Returns:
        (H, W) float32, 0..1.
    """
    share = np.zeros(size, np.float32)
    cv2.fillPoly(share, [np.rint(outline_px).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), max(0.6, 0.02 * unit_px)), np.float32)


def blend(bgr_hwc: NDArray[np.uint8], painted: NDArray[np.floating], share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Lays a painted picture over another.

    Args:
        bgr_hwc: (H, W, 3) uint8, below.
        painted: (H, W, 3), above, 0..255.
        share: (H, W), how much of it is seen, 0..1.
    """
    mixed = bgr_hwc + (painted - bgr_hwc) * share[..., None]
    return np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
