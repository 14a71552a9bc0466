"""A head turned to the side, made from one that is not: the face on a solid head, seen from elsewhere."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame

MAX_YAW_DEG = 80.0
"""Turn of a copy of severity 1, degrees."""
# A head as a cylinder: half its width in units of the face, and how far the nose stands out of it.
_RADIUS, _NOSE, _NOSE_WIDTH, _NOSE_HEIGHT = 1.35, 0.5, 0.28, 0.45
_NOSE_DOWN = 0.62
_COLUMNS, _ROWS = 81, 37
_TOP, _BOTTOM = -1.6, 2.0  # of the head, below the eyes, in units


def turn_head(bgr_hwc: NDArray[np.uint8], face: Face, severity: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turns the head to one side.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: whose head.
        severity: 0..1: yaw 0 to 80 degrees.
        rng: draws the side and what stands behind.
    """
    side = 1.0 if rng.integers(2) else -1.0
    return turned(bgr_hwc, face, side * MAX_YAW_DEG * severity)


def turned(bgr_hwc: NDArray[np.uint8], face: Face, yaw_deg: float) -> NDArray[np.uint8]:
    """The picture with the head turned by an angle; what is beside the head stays.

    Points of a cylinder with a nose on it are turned and projected from far away; of points that fall on one place the
    nearest is seen. The far side, which no photo shows, repeats the last pixels before the ear.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: whose head.
        yaw_deg: positive towards the right of the picture.
    """
    frame = FaceFrame.of(face)
    height, width = bgr_hwc.shape[:2]
    right, down = frame.of_pixels(height, width)
    source = _source_of(right, down, round(yaw_deg))
    on_head = (np.abs(right) < _RADIUS) & (down > _TOP) & (down < _BOTTOM)
    place = frame.to_picture(np.stack([np.where(on_head, source, right), down], axis=-1)).astype(np.float32)
    return np.asarray(
        cv2.remap(bgr_hwc, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _source_of(right: NDArray[np.float64], down: NDArray[np.float64], yaw_deg: int) -> NDArray[np.float64]:
    """Where on the untouched face each place of the turned one comes from."""
    row_of = np.clip((down - _TOP) / (_BOTTOM - _TOP) * (_ROWS - 1), 0, _ROWS - 1)
    column_of = np.clip((right + _RADIUS) / (2 * _RADIUS) * (_COLUMNS - 1), 0, _COLUMNS - 1)
    found = cv2.remap(_table(yaw_deg), column_of.astype(np.float32), row_of.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(found, np.float64)


@lru_cache(maxsize=256)
def _table(yaw_deg: int) -> NDArray[np.float32]:
    """The same for a grid of places: (_ROWS, _COLUMNS) float32; the nose leads, so each row has its own."""
    yaw = np.radians(yaw_deg)
    angles = np.linspace(-np.pi / 2, np.pi / 2, _COLUMNS) * 0.97
    sources = _RADIUS * np.sin(angles)
    seen = np.linspace(-_RADIUS, _RADIUS, _COLUMNS)
    table = np.empty((_ROWS, _COLUMNS), np.float32)
    for index, row in enumerate(np.linspace(_TOP, _BOTTOM, _ROWS)):
        bump = _NOSE * np.exp(-((sources / _NOSE_WIDTH) ** 2) - ((row - _NOSE_DOWN) / _NOSE_HEIGHT) ** 2)
        depth = _RADIUS * np.cos(angles) + bump
        placed = sources * np.cos(yaw) + depth * np.sin(yaw)
        nearness = depth * np.cos(yaw) - sources * np.sin(yaw)
        table[index] = _nearest(placed, nearness, sources, seen)
    return table


def _nearest(
    placed: NDArray[np.float64], nearness: NDArray[np.float64], sources: NDArray[np.float64], seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    best = np.full(len(seen), -np.inf)
    found = np.where(seen < placed.min(), sources[np.argmin(placed)], sources[np.argmax(placed)])
    for first in range(len(placed) - 1):
        low, high = sorted((placed[first], placed[first + 1]))
        inside = (seen >= low) & (seen <= high) & (max(nearness[first], nearness[first + 1]) > best)
        span = placed[first + 1] - placed[first]
        share = (seen[inside] - placed[first]) / span if abs(span) > 1e-9 else 0.5
        found[inside] = sources[first] + share * (sources[first + 1] - sources[first])
        best[inside] = max(nearness[first], nearness[first + 1])
    return np.asarray(found, np.float64)
