"""Faces bent locally, for training only; the suite bends whole pictures at random, which is never trained on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame

Pixels = NDArray[np.uint8]


def bulge(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """A few places of the face swell, shrink or twist, each like under a magnifying glass."""
    frame = FaceFrame.of(face)
    height, width = bgr_hwc.shape[:2]
    right, down = frame.of_pixels(height, width)
    source = np.stack([right, down], axis=-1)
    for _ in range(int(rng.integers(1, 5))):
        centre = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.4, 1.4)])
        reach = rng.uniform(0.35, 1.0)
        offset = source - centre
        weight = np.exp(-((offset**2).sum(axis=-1) / reach**2))[..., None]
        if rng.integers(3):
            source = source - offset * weight * strength * rng.uniform(-0.9, 0.9)
        else:
            source = source + offset[..., ::-1] * (1.0, -1.0) * weight * strength * rng.uniform(-0.8, 0.8)
    return _seen(bgr_hwc, frame, source)


def pull(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Eyes, nose, mouth, chin and brows each moved to another place, the skin between them with them."""
    frame = FaceFrame.of(face)
    right, down = frame.of_pixels(*bgr_hwc.shape[:2])
    source = np.stack([right, down], axis=-1)
    moved = np.zeros_like(source)
    places = np.array([(-0.5, 0), (0.5, 0), (0, 0.6), (-0.4, 1.05), (0.4, 1.05), (0, 1.5), (-0.5, -0.35), (0.5, -0.35)])
    for place in places[rng.permutation(len(places))[: int(rng.integers(2, 9))]]:
        reach = rng.uniform(0.25, 0.6)
        weight = np.exp(-(((source - place) / reach) ** 2).sum(axis=-1))[..., None]
        moved = moved + weight * rng.normal(0.0, 0.38 * strength, 2)
    return _seen(bgr_hwc, frame, source + moved)


def stretch(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """The whole face wider, longer, sheared, or in waves."""
    frame = FaceFrame.of(face)
    right, down = frame.of_pixels(*bgr_hwc.shape[:2])
    if rng.integers(2):
        narrow = np.exp(rng.uniform(-0.6, 0.6) * strength)
        shear = rng.uniform(-0.5, 0.5) * strength
        source = np.stack([right * narrow + shear * (down - 0.5), 0.5 + (down - 0.5) / narrow], axis=-1)
    else:
        height = 0.16 * strength * rng.uniform(0.5, 1.0)
        across = height * np.sin(down * rng.uniform(3, 9) + rng.uniform(0, 6))
        along = height * np.sin(right * rng.uniform(3, 9) + rng.uniform(0, 6))
        source = np.stack([right + across, down + along * rng.integers(0, 2)], axis=-1)
    return _seen(bgr_hwc, frame, source)


def _seen(bgr_hwc: Pixels, frame: FaceFrame, source: NDArray[np.float64]) -> Pixels:
    place = frame.to_picture(source).astype(np.float32)
    found = cv2.remap(bgr_hwc, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(found, np.uint8)
