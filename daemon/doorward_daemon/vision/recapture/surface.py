"""The surfaces a stolen picture is shown on: paper under a printer's dots, glossy paper, a screen's pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.vision.recapture.light import add_glare, to_light

FINE = 3
"""Surfaces are drawn this many times finer than the picture they show: a pixel of a screen has three stripes."""

# Screen angles of cyan, magenta, yellow and black in four-colour printing, degrees.
_ANGLES_DEG = (15.0, 75.0, 0.0, 45.0)


def glossy_photo(bgr_hwc: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A photo on glossy paper: continuous tones, dull blacks, less colour, a little glare.

    Args:
        bgr_hwc: (H, W, 3) uint8, what was stolen.
        rng: draws paper and light.

    Returns:
        (3 H, 3 W, 3) float32, light given off, 0..1.
    """
    light = _paper_gamut(_finer(to_light(bgr_hwc)), rng)
    return add_glare(light, float(rng.uniform(0.0, 0.25)), rng)


def printed_page(bgr_hwc: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A page from a colour printer: dots of four inks, each on a turned grid, that grow with the tone.

    Args:
        bgr_hwc: (H, W, 3) uint8, what was stolen.
        rng: draws paper, inks and the pitch of the dots.

    Source: amplitude-modulated halftoning with the cosine spot function (PostScript Language Reference, 7.4.2).
    """
    light = _finer(to_light(bgr_hwc))
    cmy = 1.0 - light[..., ::-1] ** (1.0 / 2.2)
    black = cmy.min(axis=2)
    inks = [*(np.clip(cmy[..., index] - 0.7 * black, 0.0, 1.0) for index in range(3)), 0.7 * black]
    pitch_px = float(rng.uniform(1.0, 2.2)) * FINE
    absorbed = np.zeros_like(light)
    for number, (ink, angle) in enumerate(zip(inks, _ANGLES_DEG, strict=True)):
        dots = _dots(np.asarray(ink, np.float32), pitch_px, angle)
        # Cyan takes red away, magenta green, yellow blue, black all.
        channels = [2 - number] if number < 3 else [0, 1, 2]
        for channel in channels:
            absorbed[..., channel] = 1.0 - (1.0 - absorbed[..., channel]) * (1.0 - dots)
    spread = np.asarray(cv2.GaussianBlur(1.0 - absorbed, (0, 0), 0.35 * pitch_px), np.float32)
    return _paper_gamut(spread, rng)


def screen(bgr_hwc: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
    """A lit screen: each pixel three stripes of red, green and blue with dark gaps, cold white, mirrored lamps.

    Args:
        bgr_hwc: (H, W, 3) uint8, what was stolen, one pixel for each of the screen's.
        rng: draws gaps, colour, brightness and glare.
    """
    height, width = bgr_hwc.shape[:2]
    contrast = float(rng.uniform(0.9, 1.25))
    light = np.repeat(np.repeat(to_light(bgr_hwc) ** contrast, FINE, axis=0), FINE, axis=1)
    leak, gap = float(rng.uniform(0.05, 0.35)), float(rng.uniform(0.2, 0.7))
    stripes = np.full((1, FINE * width, 3), leak, np.float32)
    for channel in range(3):
        # Red first: blue, green, red is the order of the channels.
        stripes[0, 2 - channel :: FINE, channel] = 1.0
    rows = np.ones((FINE * height, 1, 1), np.float32)
    rows[FINE - 1 :: FINE] = gap
    lit = light * stripes * rows
    white = np.asarray([1.08, 1.0, 0.92], np.float32) * float(rng.uniform(0.9, 1.2)) * 3.0 / (1.0 + 2.0 * leak)
    lit *= white * 3.0 / (2.0 + gap)
    return add_glare(np.asarray(lit, np.float32), float(rng.uniform(0.0, 0.2)), rng)


def _finer(light: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (light.shape[1] * FINE, light.shape[0] * FINE)
    return np.asarray(np.clip(cv2.resize(light, size, interpolation=cv2.INTER_CUBIC), 0.0, 1.0), np.float32)


def _paper_gamut(light: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    grey = light.mean(axis=2, keepdims=True)
    dull = grey + (light - grey) * float(rng.uniform(0.7, 0.92))
    black, white = float(rng.uniform(0.01, 0.05)), float(rng.uniform(0.75, 0.92))
    tint = np.asarray([rng.uniform(0.9, 1.02), 1.0, rng.uniform(0.98, 1.04)], np.float32)
    return np.asarray((black + dull * (white - black)) * tint, np.float32)


def _dots(ink: NDArray[np.float32], pitch_px: float, angle_deg: float) -> NDArray[np.float32]:
    height, width = ink.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    turn = np.radians(angle_deg)
    along = (x * np.cos(turn) + y * np.sin(turn)) * (2.0 * np.pi / pitch_px)
    across = (y * np.cos(turn) - x * np.sin(turn)) * (2.0 * np.pi / pitch_px)
    spot = 0.5 - 0.25 * (np.cos(along) + np.cos(across))
    # A soft edge instead of a hard one: inks run.
    return np.asarray(np.clip((ink - spot) * 4.0 + 0.5, 0.0, 1.0) * (ink > 0.01), np.float32)
