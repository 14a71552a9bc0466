"""Exposure, contrast and evenness of light, from the linear luminance of the face."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.quality.component import ComponentName, component, logistic
from doorward_daemon.vision.quality.face_region import CHEEKS, FaceRegion, face_window

_DARK_UP_TO, _BRIGHT_FROM = 25, 247
# IEC 61966-2-1 (sRGB) made linear, times the luminance weight of each channel, times 255; B, G, R.
_ENCODED = np.arange(256) / 255.0
_LINEAR = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4)
_SHARES_BGR = (_LINEAR[:, None] * 255.0 * (0.0722, 0.7152, 0.2126)).astype(np.float32).reshape(1, 256, 3)
_SUM = np.ones((1, 3), np.float32)
_LEVELS = np.arange(256, dtype=np.float64)

# The face and the cheeks lie in it.
_WINDOW = face_window(0)
_TOP, _LEFT = (part.start for part in _WINDOW)
_CHEEKS = tuple(
    (slice(rows.start - _TOP, rows.stop - _TOP), slice(columns.start - _LEFT, columns.stop - _LEFT))
    for rows, columns in CHEEKS
)
# 144 pixels fill 32 steps of luminance, not the 256 of a crop with thirty times as many.
_CHEEK_STEPS = 32


def measure_light(bgr_hwc: NDArray[np.uint8], region: FaceRegion) -> tuple[QualityComponent, ...]:
    """Measures UnderExposurePrevention, OverExposurePrevention, DynamicRange, LuminanceMean and -Variance, and
    IlluminationUniformity.

    Args:
        bgr_hwc: (112, 112, 3) uint8, the aligned crop.
        region: which of its pixels are face.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: measures and mappings; our face region instead of its landmarks.
    """
    luminance = _luminance(bgr_hwc[_WINDOW])
    return *_measure_shades(luminance, region), _measure_uniformity(luminance, region)


def _measure_shades(luminance: NDArray[np.uint8], region: FaceRegion) -> tuple[QualityComponent, ...]:
    shares = _shares(luminance, 256, region.visible[_WINDOW])
    if shares is None:
        under = over = entropy = mean = variance = math.nan
    else:
        under, over = float(shares[: _DARK_UP_TO + 1].sum()), float(shares[_BRIGHT_FROM:].sum())
        filled = shares[shares > 0.0]
        entropy = float(-(filled @ np.log2(filled)))
        level = float(shares @ _LEVELS)
        mean, variance = level / 255.0, float(shares @ (_LEVELS - level) ** 2) / 255.0**2
    name = ComponentName
    return (
        component(
            name.UNDER_EXPOSURE_PREVENTION, "under_exposure", under, lambda x: 120 * (0.832 - logistic(x, 0.92, 0.05))
        ),
        component(name.OVER_EXPOSURE_PREVENTION, "over_exposure", over, lambda x: 1.0 / (x + 0.01)),
        component(name.DYNAMIC_RANGE, "dynamic_range", entropy, lambda x: 12.5 * x),
        component(
            name.LUMINANCE_MEAN,
            "luminance_mean",
            mean,
            lambda x: 100 * logistic(x, 0.2, 0.05) * (1.0 - logistic(x, 0.8, 0.05)),
        ),
        component(
            name.LUMINANCE_VARIANCE,
            "luminance_variance",
            variance,
            lambda x: 100 * math.sin(math.pi * 60 * x / (60 * x + 1)),
        ),
    )


def _measure_uniformity(luminance: NDArray[np.uint8], region: FaceRegion) -> QualityComponent:
    """Compares the light on both cheeks; not assessed where part of the face lies outside the picture.

    Source: ISO/IEC 29794-5 as implemented by OFIQ, with coarser steps for the smaller crop.
    """
    overlap = math.nan
    if region.outside_share == 0.0:
        left, right = (_shares(luminance[rows, columns], _CHEEK_STEPS, None) for rows, columns in _CHEEKS)
        if left is not None and right is not None:
            overlap = float(np.minimum(left, right).sum())
    return component(
        ComponentName.ILLUMINATION_UNIFORMITY, "illumination_uniformity", overlap, lambda x: 100 * max(0.0, x) ** 0.3
    )


def _shares(luminance: NDArray[np.uint8], steps: int, mask: NDArray[np.uint8] | None) -> NDArray[np.float64] | None:
    """Share of the pixels in each step of luminance; None without pixels."""
    counts = cv2.calcHist([luminance], [0], mask, [steps], [0, 256]).ravel().astype(np.float64)
    total = float(counts.sum())
    return counts / total if total > 0.0 else None


def _luminance(bgr_hwc: NDArray[np.uint8]) -> NDArray[np.uint8]:
    linear = cv2.transform(cv2.LUT(bgr_hwc, _SHARES_BGR), _SUM)
    return np.asarray(cv2.convertScaleAbs(linear), np.uint8)
