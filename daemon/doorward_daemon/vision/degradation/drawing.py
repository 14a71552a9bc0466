"""A face that is drawn: flat colours with outlines, or pencil on paper."""

import cv2
import numpy as np
from numpy.typing import NDArray


def draw(
    bgr_hwc: NDArray[np.uint8], inter_eye_px: float, severity: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Turns a photo into a cartoon or a pencil drawing.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        inter_eye_px: distance of the eyes; strokes grow with it.
        severity: 0..1: how much of the photo gives way, and how coarse the drawing is.
        rng: draws which of the two.
    """
    stroke_px = max(0.6, inter_eye_px * (0.02 + 0.05 * severity))
    drawn = _pencil(bgr_hwc, stroke_px) if rng.integers(2) else _cartoon(bgr_hwc, stroke_px, severity)
    share = min(1.0, 0.4 + 0.8 * severity)
    return np.rint(bgr_hwc * (1.0 - share) + drawn * share).astype(np.uint8)


def _cartoon(bgr_hwc: NDArray[np.uint8], stroke_px: float, severity: float) -> NDArray[np.float64]:
    flat = bgr_hwc
    for _ in range(2):
        flat = np.asarray(cv2.bilateralFilter(flat, 0, 45, 1.5 * stroke_px), np.uint8)
    steps = 256 / (12 - 8 * severity)
    colours = np.floor(flat / steps) * steps + steps / 2
    return np.asarray(colours * (1.0 - _outline(bgr_hwc, stroke_px))[..., None], np.float64)


def _pencil(bgr_hwc: NDArray[np.uint8], stroke_px: float) -> NDArray[np.float64]:
    grey = cv2.cvtColor(bgr_hwc, cv2.COLOR_BGR2GRAY).astype(np.float64)
    # Dodging: bright where a place is no darker than its surroundings.
    paper = 255.0 * np.clip(grey / np.maximum(cv2.GaussianBlur(grey, (0, 0), 2.5 * stroke_px), 1.0), 0.0, 1.0)
    lines = paper * (1.0 - 0.6 * _outline(bgr_hwc, stroke_px))
    return np.asarray(np.repeat(lines[..., None], 3, axis=2), np.float64)


def _outline(bgr_hwc: NDArray[np.uint8], stroke_px: float) -> NDArray[np.float64]:
    grey = cv2.cvtColor(bgr_hwc, cv2.COLOR_BGR2GRAY).astype(np.float64)
    # Difference of Gaussians: dark lines where it falls below zero. Source: Winnemoeller et al., XDoG, 2012.
    difference = cv2.GaussianBlur(grey, (0, 0), stroke_px) - cv2.GaussianBlur(grey, (0, 0), 1.6 * stroke_px)
    return np.asarray(np.clip(-difference / 8.0, 0.0, 1.0), np.float64)
