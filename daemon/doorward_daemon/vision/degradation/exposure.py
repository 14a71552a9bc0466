"""Wrong light: too little, too much, and the noise that comes with it."""

import numpy as np
from numpy.typing import NDArray

_GAMMA = 2.2  # close enough to sRGB for a simulation
_FULL_WELL = 4_000.0  # electrons of a white pixel; a small sensor
_READ_NOISE = 6.0  # electrons
_MAX_STOPS_DOWN = 8.0
_MAX_STOPS_UP = 5.0
_MAX_NOISE = 90.0


def low_light(bgr_hwc: NDArray[np.uint8], severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Too little light: up to eight stops, with the shot and read noise of a small sensor.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
        rng: draws the noise.
    """
    electrons = _linear(bgr_hwc) * (_FULL_WELL * 2.0 ** (-_MAX_STOPS_DOWN * severity))
    seen = rng.poisson(electrons) + rng.normal(0.0, _READ_NOISE, electrons.shape)
    # The camera's gain gives back half of the stops, noise and all.
    return _encoded(seen / _FULL_WELL * 2.0 ** (_MAX_STOPS_DOWN * severity / 2))


def over_exposure(bgr_hwc: NDArray[np.uint8], severity: float) -> NDArray[np.uint8]:
    """Too much light: up to five stops, clipped at white.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
    """
    return _encoded(_linear(bgr_hwc) * 2.0 ** (_MAX_STOPS_UP * severity))


def noise(bgr_hwc: NDArray[np.uint8], severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Grain: independent normal noise of up to 90 grey values on every sample.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        severity: 0..1.
        rng: draws the noise.
    """
    grain = rng.normal(0.0, _MAX_NOISE * severity, bgr_hwc.shape)
    return np.clip(np.rint(bgr_hwc + grain), 0, 255).astype(np.uint8)


def _linear(bgr_hwc: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray((np.arange(256) / 255.0) ** _GAMMA)[bgr_hwc]


def _encoded(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.rint(255.0 * np.clip(linear, 0.0, 1.0) ** (1.0 / _GAMMA)).astype(np.uint8)
