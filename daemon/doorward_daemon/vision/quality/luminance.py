"""Exposure, contrast and evenness of light, from the linear luminance of the face."""

import math
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.quality.component import ComponentName, component, logistic
from doorward_daemon.vision.quality.face_region import SIDE_PX, FaceRegion

_DARK_UP_TO, _BRIGHT_FROM = 25, 247
# IEC 61966-2-1 (sRGB) made linear, times the luminance weight of each channel, times 255; B, G, R.
_ENCODED = np.arange(256) / 255.0
_LINEAR = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4)
_BLUE, _GREEN, _RED = ((_LINEAR * 255.0 * weight).astype(np.float32) for weight in (0.0722, 0.7152, 0.2126))

# Squares of 0.3 inter-eye distances half an eye-mouth distance below each eye of the template (OFIQ's cheeks).
_CHEEK_ROWS = slice(66, 78)
_CHEEK_COLUMNS = MappingProxyType({"left of the picture": slice(32, 44), "right of the picture": slice(68, 80)})
# 144 pixels fill 32 steps of luminance, not the 256 of a crop with thirty times as many.
_CHEEK_STEP = 8


def measure_luminance(bgr_hwc: NDArray[np.uint8], region: FaceRegion) -> tuple[QualityComponent, ...]:
    """Measures UnderExposurePrevention, OverExposurePrevention, DynamicRange, LuminanceMean and -Variance.

    Args:
        bgr_hwc: (112, 112, 3) uint8, the aligned crop.
        region: which of its pixels are face.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: measures and mappings; our face region instead of its landmarks.
    """
    values = _luminance(bgr_hwc.reshape(-1, 3)[region.visible])
    if len(values) == 0:
        under = over = entropy = mean = variance = math.nan
    else:
        shares = np.bincount(values, minlength=256) / len(values)
        under, over = float(shares[: _DARK_UP_TO + 1].sum()), float(shares[_BRIGHT_FROM:].sum())
        filled = shares[shares > 0.0]
        entropy = float(-(filled * np.log2(filled)).sum())
        mean, variance = float(values.mean() / 255.0), float(values.var() / 255.0**2)
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


def measure_illumination_uniformity(bgr_hwc: NDArray[np.uint8], region: FaceRegion) -> QualityComponent:
    """Compares the light on both cheeks; not assessed where part of the face lies outside the picture.

    Args:
        bgr_hwc: (112, 112, 3) uint8, the aligned crop.
        region: which of its pixels are face.

    Source: ISO/IEC 29794-5 as implemented by OFIQ, with coarser steps for the smaller crop.
    """
    overlap = math.nan
    if region.outside_share == 0.0 and bgr_hwc.shape[0] == SIDE_PX:
        left, right = (_cheek_shares(bgr_hwc[_CHEEK_ROWS, columns]) for columns in _CHEEK_COLUMNS.values())
        overlap = float(np.minimum(left, right).sum())
    return component(
        ComponentName.ILLUMINATION_UNIFORMITY, "illumination_uniformity", overlap, lambda x: 100 * max(0.0, x) ** 0.3
    )


def _cheek_shares(bgr_hwc: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = _luminance(bgr_hwc.reshape(-1, 3)) // _CHEEK_STEP
    return np.asarray(np.bincount(values, minlength=256 // _CHEEK_STEP) / len(values), np.float64)


def _luminance(bgr: NDArray[np.uint8]) -> NDArray[np.intp]:
    linear = _BLUE[bgr[:, 0]] + _GREEN[bgr[:, 1]] + _RED[bgr[:, 2]]
    return np.asarray(np.rint(linear), np.intp)
