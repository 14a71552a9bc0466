"""What cameras, files and detectors do to every photo, harmless most of the time."""

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def everyday(bgr_hwc: Pixels, rng: np.random.Generator) -> Pixels:
    """Another exposure, colour, resolution and JPEG; each with a chance of its own, the size stays.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        rng: draws.
    """
    seen = bgr_hwc
    if rng.uniform() < 0.35:
        curve = 255.0 * (np.arange(256) / 255.0) ** float(np.exp(rng.uniform(-0.5, 0.5)))
        seen = np.rint(curve).astype(np.uint8)[seen]
    if rng.uniform() < 0.25:
        seen = np.clip(np.rint(seen * rng.uniform(0.8, 1.2, 3)), 0, 255).astype(np.uint8)
    if rng.uniform() < 0.12:
        seen = np.repeat(cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    if rng.uniform() < 0.3:
        seen = _resized(seen, float(rng.uniform(0.45, 1.0)), rng)
    if rng.uniform() < 0.35:
        _, encoded = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 96))])
        seen = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return seen


def jittered(landmarks_px: NDArray[np.float32], rng: np.random.Generator, share: float = 0.02) -> NDArray[np.float32]:
    """Landmarks as another detector, or the same one on the next frame, would place them.

    Args:
        landmarks_px: (5, 2).
        rng: draws.
        share: standard deviation, of the distance of the eyes.
    """
    eye_px = float(np.linalg.norm(landmarks_px[1] - landmarks_px[0]))
    each = rng.normal(0.0, share * eye_px, landmarks_px.shape)
    return (landmarks_px + each + rng.normal(0.0, share * eye_px, 2)).astype(np.float32)


def _resized(bgr_hwc: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    height, width = bgr_hwc.shape[:2]
    small = cv2.resize(
        bgr_hwc, (max(8, round(width * share)), max(8, round(height * share))), interpolation=cv2.INTER_AREA
    )
    way = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.integers(2))]
    return np.asarray(cv2.resize(small, (width, height), interpolation=way), np.uint8)
