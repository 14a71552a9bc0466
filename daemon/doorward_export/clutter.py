"""What lies over a whole picture: lines, specks, too few shades. Drawn for training only."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame
from doorward_daemon.vision.degradation.occlusion import blend

Pixels = NDArray[np.uint8]


def streaks(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Blinds, wires, rain: straight lines of one colour, all in about one direction."""
    frame = FaceFrame.of(face)
    height, width = bgr_hwc.shape[:2]
    share = np.zeros((height, width), np.float32)
    turn, gap = rng.uniform(0, np.pi), frame.unit_px * rng.uniform(0.12, 0.5)
    thickness = max(1, round(gap * rng.uniform(0.1, 0.25 + 0.5 * strength)))
    reach = float(np.hypot(height, width))
    for place in np.arange(-reach, reach, gap):
        angle = turn + rng.normal(0, 0.03)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        middle = np.array([width, height]) / 2 + across * (place + rng.normal(0, 0.1 * gap))
        (x0, y0), (x1, y1) = np.rint([middle - along * reach, middle + along * reach]).astype(int).tolist()
        cv2.line(share, (x0, y0), (x1, y1), 1.0, thickness, cv2.LINE_AA)
    colour = np.broadcast_to(rng.uniform(0, 255, 3), bgr_hwc.shape)
    return blend(bgr_hwc, colour, share * rng.uniform(0.3, 0.3 + 0.7 * strength))


def specks(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Snow, drops and dirt on the pane: soft spots of all sizes."""
    frame = FaceFrame.of(face)
    height, width = bgr_hwc.shape[:2]
    share = np.zeros((height, width), np.float32)
    for _ in range(int(5 + 200 * strength**2 * rng.uniform(0.4, 1.0))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(
            share, (x, y), max(1, int(frame.unit_px * rng.uniform(0.02, 0.16))), float(rng.uniform(0.4, 1.0)), -1
        )
    soft = cv2.GaussianBlur(share, (0, 0), max(0.5, frame.unit_px * rng.uniform(0.0, 0.05)))
    return blend(bgr_hwc, np.broadcast_to(rng.uniform(0, 255, 3), bgr_hwc.shape), np.asarray(soft, np.float32))


def few_shades(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Too few shades: each channel cut into steps, or all of it into dots of two shades."""
    if rng.integers(2):
        steps = 256.0 / max(2.0, 12.0 * (1.0 - strength) + rng.uniform(0, 2))
        return np.clip(np.floor(bgr_hwc / steps) * steps + steps / 2, 0, 255).astype(np.uint8)
    cell = max(2.0, FaceFrame.of(face).unit_px * (0.03 + 0.15 * strength))
    y, x = np.mgrid[0 : bgr_hwc.shape[0], 0 : bgr_hwc.shape[1]]
    screen = 127.5 + 63.7 * (np.cos(2 * np.pi * (x + y) / cell) + np.cos(2 * np.pi * (x - y) / cell))
    soft = np.clip(127.5 + (bgr_hwc - screen[..., None]) * rng.uniform(1.0, 6.0), 0, 255)
    share = min(1.0, 0.4 + strength)
    return np.asarray(np.rint(bgr_hwc * (1 - share) + soft * share), np.uint8)
