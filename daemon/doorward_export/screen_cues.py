"""Signs of a screen that need no network: those that were built, and those that were tried and told nothing apart."""

from collections.abc import Callable, Iterator, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.liveness import find_screen_pattern
from doorward_daemon.vision.liveness.screen_pattern import middle_of
from doorward_daemon.vision.recapture import compress

Pixels = NDArray[np.uint8]

WAYS: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "as it is": lambda seen, _: seen,
    "jpeg 95": lambda seen, _: compress(seen, 95),
    "jpeg 80": lambda seen, _: compress(seen, 80),
    "jpeg 60": lambda seen, _: compress(seen, 60),
    "half size": lambda seen, _: _scaled(seen, 0.5, cv2.INTER_AREA),
    "double size": lambda seen, _: _scaled(seen, 2.0, cv2.INTER_CUBIC),
    "noise": lambda seen, rng: np.clip(seen + rng.normal(0.0, 8.0, seen.shape), 0, 255).astype(np.uint8),
    "out of focus": lambda seen, _: np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.8), np.uint8),
}
"""What a camera makes of living faces and of screens alike."""


def measure_cues(bgr_hwc: Pixels, face: Face) -> dict[str, float]:
    """Measures every cue on one face; empty where the picture is too small for one.

    Args:
        bgr_hwc: (H, W, 3) uint8, the whole picture.
        face: the face.

    Returns:
        Values by name; higher = more like a screen, or so it was hoped.
    """
    pattern, middle = find_screen_pattern(bgr_hwc, face), middle_of(bgr_hwc, face)
    if middle is None:
        return {}
    named = {cue.algorithm_id.split(".")[1]: cue.native_value for cue in pattern}
    return named | dict(_others(middle))


def _others(patch: Pixels) -> Iterator[tuple[str, float]]:
    lab = cv2.cvtColor(patch, cv2.COLOR_BGR2LAB).reshape(-1, 3)
    _, a, b = (float(value) - 128.0 for value in np.median(lab, axis=0))
    # Screens shine colder than lamps and paint skin in three primaries.
    yield "gamut_cold_skin", -b
    yield "gamut_pale_skin", -float(np.hypot(a, b))
    levels = np.bincount(patch[..., 1].ravel(), minlength=256)
    used = np.flatnonzero(levels)
    yield "banding_empty_levels", float((levels[used[0] : used[-1] + 1] == 0).mean())
    yield "veil_lightest_black", float(np.percentile(patch.max(axis=2), 1))
    yield "glare_white_share", float((patch.min(axis=2) >= 250).mean())
    exact = patch.astype(np.float32)
    fine = exact - np.asarray(cv2.GaussianBlur(exact, (0, 0), 1.0), np.float32)
    yield (
        "fine_colour_over_luminance",
        float(np.log10(((fine[..., 2] - fine[..., 1]).var() + 0.1) / (fine.var() + 0.1))),
    )


def _scaled(seen: Pixels, scale: float, way: int) -> Pixels:
    return np.asarray(cv2.resize(seen, None, fx=scale, fy=scale, interpolation=way), np.uint8)
