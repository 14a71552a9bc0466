"""Sharpness: how much fine structure the face has for the coarse structure it has, in its blurriest direction."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.quality.component import ComponentName, component, logistic
from doorward_daemon.vision.quality.face_region import FaceRegion, face_window

FILTER_REACH_PX = 5.0
"""How far the filters reach, pixels of the crop."""

_FINE_PX, _COARSE_PX = 1.2, 3.0  # standard deviations of the Gaussians
# Gradients below this (grey values per pixel, squared) are nothing but rounding.
_FLOOR = 0.05
_LAPLACIANS_APART = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


@dataclass(frozen=True, slots=True)
class _Gaussian:
    smooth: NDArray[np.float32]
    slope: NDArray[np.float32]

    @classmethod
    def of(cls, sigma: float) -> "_Gaussian":
        reach = math.ceil(3 * sigma)
        x = np.arange(-reach, reach + 1, dtype=np.float64)
        smooth = np.exp(-0.5 * (x / sigma) ** 2)
        smooth /= smooth.sum()
        return cls(smooth.astype(np.float32), (x / sigma**2 * smooth).astype(np.float32))


_FINE, _COARSE = _Gaussian.of(_FINE_PX), _Gaussian.of(_COARSE_PX)
# The face and what the widest filter sees around it: a third of the crop is not worth filtering.
_WINDOW = face_window(len(_COARSE.smooth) // 2)
_FEWEST_PX = 100
# The elements xx, xy, yy of the unit matrix.
_UNIT = np.array([1.0, 0.0, 1.0])
# What white noise of variance 1 adds to the fine gradient energy.
_NOISE_GAIN = float((_FINE.slope**2).sum() * (_FINE.smooth**2).sum())
# Where pixels of the crop share pixels of the picture, noise is smoother than white and second differences see too
# little of it: crop pixels per picture pixel -> factor, from noise sent through the warp. More is not trusted.
_SCALES, _UNDERSEEN = (0.67, 0.74, 0.83, 0.91, 1.0), (1.0, 1.45, 2.3, 3.3, 4.0)


def measure_sharpness(crop: AlignedFace, region: FaceRegion) -> QualityComponent:
    """Measures sharpness on the aligned crop, the resolution the embedder sees.

    The native value is the smallest generalised eigenvalue of the structure tensors (second moments of the gradient
    over the face) at a fine and a coarse scale: the ratio of fine to coarse gradient energy in the direction where it
    is smallest. Defocus lowers it in all directions, a moving head along its path; neither contrast nor light changes
    it. Noise, estimated from second differences, is subtracted from the fine energy. 1.0 = no fine structure at all;
    portraits lie between 1.6 (first percentile) and 3.2.

    Args:
        crop: (112, 112, 3), aligned to the ArcFace template.
        region: which of its pixels are face.

    Source: structure tensor: W. Foerstner, E. Guelch 1987. Noise: J. Immerkaer, Fast noise variance estimation, CVIU
        64(2), 1996, with the median instead of the mean, which edges would raise. The combination is our own; it is
        not the random forest of ISO/IEC 29794-5, hence the algorithm id.
    """
    ratio = _fine_to_coarse(crop, region) if region.inner_px > _FEWEST_PX else math.nan
    return component(
        ComponentName.SHARPNESS, "structure_tensor_sharpness", ratio, lambda x: 100 * logistic(x, 1.55, 0.15)
    )


def _fine_to_coarse(crop: AlignedFace, region: FaceRegion) -> float:
    grey = np.asarray(cv2.cvtColor(crop.bgr_hwc[_WINDOW], cv2.COLOR_BGR2GRAY), np.uint8)
    inner = region.inner[_WINDOW]
    exact = grey.astype(np.float32)
    fine, coarse = (_structure(exact, gaussian, inner) / region.inner_px for gaussian in (_FINE, _COARSE))
    noise = _noise_variance(grey, inner) * float(np.interp(crop.scale, _SCALES, _UNDERSEEN))
    return max(0.0, _smaller_eigenvalue(fine - noise * _NOISE_GAIN * _UNIT, coarse + _FLOOR * _UNIT))


def _structure(grey: NDArray[np.float32], gaussian: _Gaussian, inner: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sums of gradient products over the face: along x, along both, along y."""
    across = (cv2.sepFilter2D(grey, cv2.CV_32F, gaussian.slope, gaussian.smooth) * inner).ravel()
    down = (cv2.sepFilter2D(grey, cv2.CV_32F, gaussian.smooth, gaussian.slope) * inner).ravel()
    return np.array([across @ across, across @ down, down @ down], np.float64)


def _noise_variance(grey: NDArray[np.uint8], inner: NDArray[np.float32]) -> float:
    differences = np.abs(cv2.filter2D(grey, cv2.CV_16S, _LAPLACIANS_APART)[inner > 0.0])
    # Differences of grey values are whole numbers: counting them finds the median faster than sorting does.
    ranks = np.cumsum(np.bincount(differences))
    middle = (len(differences) - 1) // 2, len(differences) // 2
    median = float(np.searchsorted(ranks, middle, side="right").mean())
    # The mask has gain 6; 0.6745 = median of |N(0, 1)|.
    return (median / (6 * 0.6745)) ** 2


def _smaller_eigenvalue(fine: NDArray[np.float64], coarse: NDArray[np.float64]) -> float:
    """The smallest x with fine v = x coarse v, each given as its three different elements."""
    f_xx, f_xy, f_yy = (float(element) for element in fine)
    c_xx, c_xy, c_yy = (float(element) for element in coarse)
    # det(fine - x coarse) = 0; both roots are real: fine is symmetric, coarse symmetric and positive.
    square = c_xx * c_yy - c_xy * c_xy
    half = (f_xx * c_yy + f_yy * c_xx - 2.0 * f_xy * c_xy) / (2.0 * square)
    constant = (f_xx * f_yy - f_xy * f_xy) / square
    return half - math.sqrt(max(0.0, half * half - constant))
