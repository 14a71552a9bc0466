"""Pixels as light and back: what happens between a surface and the file of a camera."""

import cv2
import numpy as np
from numpy.typing import NDArray

_GAMMA = 2.2  # close enough to sRGB for a simulation
_FULL_WELL = 6_000.0  # electrons of a white pixel; a small sensor in a lit room


def to_light(bgr_hwc: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Encoded pixels as light, 0..1."""
    return np.asarray((np.arange(256) / 255.0) ** _GAMMA, np.float32)[bgr_hwc]


def photograph(light: NDArray[np.float32], side_factor: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What a camera makes of a scene: a little blur of the lens, fewer pixels, shot noise, eight bits.

    Args:
        light: (H, W, 3) float32, 0..1, finer than the camera's pixels.
        side_factor: how many of its pixels one of the camera's is wide.
        rng: draws sharpness, exposure and noise.
    """
    sigma = float(rng.uniform(0.35, 0.75)) * side_factor
    seen = cv2.GaussianBlur(light, (0, 0), sigma)
    size = (light.shape[1] // side_factor, light.shape[0] // side_factor)
    seen = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.float32)
    exposed = np.clip(seen * float(rng.uniform(0.85, 1.15)), 0.0, None)
    grain = rng.normal(0.0, 1.0, exposed.shape).astype(np.float32)
    noisy = exposed + grain * np.sqrt(exposed / _FULL_WELL + 1e-6)
    return np.asarray(np.rint(255.0 * np.clip(noisy, 0.0, 1.0) ** (1.0 / _GAMMA)), np.uint8)


def compress(bgr_hwc: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """What is left after a camera that sends JPEG: colours at half the resolution, and fine structure rounded away.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        quality: of the JPEG, 1..100.
    """
    _, encoded = cv2.imencode(".jpg", bgr_hwc, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def add_glare(light: NDArray[np.float32], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """A lamp mirrored in a smooth surface: a soft bright spot, and a veil that lifts the blacks.

    Args:
        light: (H, W, 3) float32.
        strength: light added in the middle of the spot, 0..1.
        rng: draws its place and size.
    """
    height, width = light.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    centre_x, centre_y = float(rng.uniform(0.1, 0.9)) * width, float(rng.uniform(0.05, 0.95)) * height
    reach = float(rng.uniform(0.1, 0.3)) * width
    spot = np.exp(-(((x - centre_x) / reach) ** 2 + ((y - centre_y) / (1.6 * reach)) ** 2))
    veil = float(rng.uniform(0.004, 0.03))
    return np.asarray(light * (1.0 - veil) + veil + strength * spot[..., None], np.float32)
