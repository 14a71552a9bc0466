"""Fine detail: whether a face has the structure its size promises, or was blurred, or enlarged from a few pixels."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.quality.component import ComponentName, component, logistic

RINGS = 16
"""Frequencies looked at: 1/32 to 16/32 cycles per pixel of the crop, where the eyes are 35 pixels apart."""

# Weights of a logistic regression on those rings: whether the embedding of an enlarged or blurred face still is the
# person's; made by `python -m doorward_export fit-detail`.
_OFFSET = 1.8255
_WEIGHTS = np.array(
    [
        -0.2770,
        -0.9179,
        1.4319,
        0.6937,
        0.7828,
        0.1658,
        0.3339,
        -0.1652,
        0.1847,
        -0.3186,
        0.2382,
        -0.1668,
        0.2193,
        -0.5438,
        -0.0945,
        -0.4173,
    ]
)

_SIDE_PX = 64
_ROWS, _COLUMNS = slice(38, 38 + _SIDE_PX), slice(24, 24 + _SIDE_PX)
# Rounding to whole grey values alone has more power than what a smooth enlargement leaves in the outer rings.
_ROUNDING = 20.0


def _window() -> NDArray[np.float32]:
    side = np.hanning(_SIDE_PX).astype(np.float32)
    return np.outer(side, side)


_WINDOW = _window()
_DOWN, _ALONG = np.fft.fftfreq(_SIDE_PX)[:, None], np.fft.rfftfreq(_SIDE_PX)[None, :]
_RING = np.rint(2 * RINGS * np.hypot(_DOWN, _ALONG)).astype(np.intp).ravel()
# The half of the spectrum that is not computed equals the other.
_TWICE = np.broadcast_to(np.where((_ALONG > 0.0) & (_ALONG < 0.5), 2.0, 1.0), (_SIDE_PX, _SIDE_PX // 2 + 1)).ravel()
_RING_SIZE = np.bincount(_RING, _TWICE)


def ring_powers(crop_bgr: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Log power of the face's luminance per frequency, over that of its coarsest structure.

    Args:
        crop_bgr: (112, 112, 3) uint8, aligned to the ArcFace template.

    Returns:
        (RINGS,) float64.
    """
    grey = cv2.cvtColor(crop_bgr[_ROWS, _COLUMNS], cv2.COLOR_BGR2GRAY).astype(np.float32)
    spectrum = np.fft.rfft2((grey - grey.mean()) * _WINDOW)
    power = (spectrum.real**2 + spectrum.imag**2).ravel()
    rings = (np.bincount(_RING, power * _TWICE) / _RING_SIZE)[1 : RINGS + 1]
    decibels = np.log(rings + _ROUNDING)
    return np.asarray(decibels - decibels[1:4].mean(), np.float64)


def measure_fine_detail(crop: AlignedFace) -> QualityComponent:
    """Measures fine detail.

    The size of a face in pixels says how much could be seen, not how much is: 40 pixels enlarged to 400 have the eyes
    as far apart as a portrait. The native value is the log-odds that the detail an identity needs is there, above 0 it
    is.

    Args:
        crop: (112, 112, 3), aligned to the ArcFace template.

    Source: our own; not in ISO/IEC 29794-5.
    """
    value = _OFFSET + float(ring_powers(crop.bgr_hwc) @ _WEIGHTS) if crop.scale > 0.0 else math.nan
    return component(ComponentName.FINE_DETAIL, "fine_detail", value, lambda x: 100 * logistic(x, 0.0, 1.0))
