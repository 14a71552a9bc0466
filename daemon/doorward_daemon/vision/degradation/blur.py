"""Lost sharpness: defocus, movement, too few pixels, too few bits."""

import cv2
import numpy as np
from numpy.typing import NDArray

_MAX_DISC_RADIUS = 0.4  # of the inter-eye distance
_MAX_PATH = 1.0  # of the inter-eye distance
_INTER_EYE_KEPT_PX = (35.0, 4.0)
_JPEG_QUALITY_KEPT = (60.0, 1.0)


def defocus(bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float) -> NDArray[np.uint8]:
    """A lens out of focus: every point becomes a disc.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; the disc's radius is up to 0.4 of it.
        severity: 0..1.
    """
    radius = max(0.5, _MAX_DISC_RADIUS * severity * inter_eye_px)
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    # A border one pixel wide keeps small discs round.
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0)
    return _filtered(bgr_hwc, disc)


def motion_blur(
    bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A face that moves during the exposure: every point becomes a line.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; the line is up to that long.
        severity: 0..1.
        rng: draws the direction.
    """
    length = max(1.5, _MAX_PATH * severity * inter_eye_px)
    return _filtered(bgr_hwc, motion_kernel(length, float(rng.uniform(0.0, np.pi))))


def motion_kernel(length_px: float, angle_rad: float) -> NDArray[np.float64]:
    """The line of a uniform movement.

    Args:
        length_px: length of the path.
        angle_rad: direction, 0 = horizontal, counter-clockwise in the picture.

    Returns:
        (K, K) float64, K odd, not normalised.
    """
    reach = int(np.ceil(length_px / 2))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along = x * np.cos(angle_rad) - y * np.sin(angle_rad)
    across = x * np.sin(angle_rad) + y * np.cos(angle_rad)
    inside = np.clip(length_px / 2 + 0.5 - np.abs(along), 0.0, 1.0) * np.clip(1.0 - np.abs(across), 0.0, 1.0)
    return np.asarray(inside, np.float64)


def low_resolution(bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float) -> NDArray[np.uint8]:
    """A face far away, enlarged again to its old size.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; from 35 px (severity 0) down to 4 px (1) of it remain.
        severity: 0..1.
    """
    height, width = bgr_hwc.shape[:2]
    share = min(1.0, _between(_INTER_EYE_KEPT_PX, severity) / max(inter_eye_px, 1e-6))
    small_size = (max(1, round(width * share)), max(1, round(height * share)))
    small = cv2.resize(bgr_hwc, small_size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def compression(bgr_hwc: NDArray[np.uint8], severity: float) -> NDArray[np.uint8]:
    """Too few bits: JPEG of quality 60 (severity 0) down to 1 (severity 1).

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
    """
    quality = round(_between(_JPEG_QUALITY_KEPT, severity))
    _, encoded = cv2.imencode(".jpg", bgr_hwc, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _between(ends: tuple[float, float], severity: float) -> float:
    # Geometric: equal steps of severity take equal shares away.
    return float(ends[0] * (ends[1] / ends[0]) ** severity)


def _filtered(bgr_hwc: NDArray[np.uint8], kernel: NDArray[np.float64]) -> NDArray[np.uint8]:
    weights = (kernel / kernel.sum()).astype(np.float32)
    return np.asarray(cv2.filter2D(bgr_hwc, -1, weights, borderType=cv2.BORDER_REFLECT_101), np.uint8)
