"""What stands between face and camera: a screen, haze, shadow, film that is developed the wrong way round, a warp."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame

_MAX_ELASTIC = 0.22  # of the face's unit
_MAX_SHADOW_STOPS = 9.0


def recapture(
    bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A screen photographed by a camera: two grids that beat against each other, per colour, and a lifted black.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; the moire's bands are 0.1 to 0.5 of it wide.
        severity: 0..1: contrast of the bands, beyond all of it from 0.67 on.
        rng: draws direction, width and phase.
    """
    height, width = bgr_hwc.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    seen = bgr_hwc.astype(np.float64)
    for channel in range(3):
        angle, period = rng.uniform(0.0, np.pi), rng.uniform(0.1, 0.5) * max(inter_eye_px, 8.0)
        bend = 0.4 * np.sin(2 * np.pi * (x + y) / (6 * period) + rng.uniform(0, 6))
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + bend + rng.uniform(0, 6))
        seen[..., channel] *= 1.0 + 1.5 * severity * wave
    lifted = 255.0 * (0.12 * severity) + seen * (1.0 - 0.12 * severity)
    return np.clip(np.rint(lifted), 0, 255).astype(np.uint8)


def elastic(
    bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A bent mirror: every pixel is moved by a smooth random field.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; shifts are up to about 0.22 of it (standard deviation).
        severity: 0..1.
        rng: draws the field.
    """
    height, width = bgr_hwc.shape[:2]
    smooth_px = max(1.0, 0.35 * inter_eye_px)
    fields = []
    for axis in np.mgrid[0:height, 0:width][::-1]:
        field = np.asarray(cv2.GaussianBlur(rng.normal(0.0, 1.0, (height, width)), (0, 0), smooth_px), np.float64)
        field /= max(float(field.std()), 1e-9)
        fields.append((axis + field * (_MAX_ELASTIC * severity * inter_eye_px)).astype(np.float32))
    return np.asarray(
        cv2.remap(bgr_hwc, fields[0], fields[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


def haze(bgr_hwc: NDArray[np.uint8], severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fog, a dirty pane, stray light: up to 99.4 % of the picture gives way to plain light.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
        rng: draws the light and the noise that contrast is raised out of.
    """
    share = 1.0 - 0.006**severity
    veiled = bgr_hwc * (1.0 - share) + rng.uniform(150, 240) * share
    return np.asarray(np.clip(np.rint(veiled + rng.normal(0.0, 1.5, bgr_hwc.shape)), 0, 255), np.uint8)


def negative(bgr_hwc: NDArray[np.uint8], severity: float) -> NDArray[np.uint8]:
    """Dark becomes light: mixed with the photo, more than half from severity 0.5 on.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
    """
    mixed = bgr_hwc * (1.0 - severity) + (255.0 - bgr_hwc) * severity
    return np.rint(mixed).astype(np.uint8)


def side_shadow(bgr_hwc: NDArray[np.uint8], face: Face, severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """One side of the face in shadow, which severity draws over the middle, up to nine stops.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: whose face.
        severity: 0..1.
        rng: draws side, edge and noise of the dark.
    """
    right, down = FaceFrame.of(face).of_pixels(*bgr_hwc.shape[:2])
    slant, edge, side = (
        rng.uniform(-0.3, 0.3),
        rng.uniform(-0.35, 0.15) - 0.5 * severity**2,
        1.0 if rng.integers(2) else -1.0,
    )
    shade = 1.0 / (1.0 + np.exp(-(side * right + slant * down - edge) / 0.12))
    linear = (bgr_hwc / 255.0) ** 2.2 * 2.0 ** (-_MAX_SHADOW_STOPS * severity * shade[..., None])
    lit = 255.0 * linear ** (1.0 / 2.2) + rng.normal(0.0, 2.0, bgr_hwc.shape)
    return np.clip(np.rint(lit), 0, 255).astype(np.uint8)
