"""A portrait whose head turns: pixels move with their depth, as seen from far away; and one turned as a page is."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face

# In distances of the pupils: half axes of the ellipsoid that the head is, how far its middle lies below the pupils, how
# far the nose stands out and how wide it is.
_HEAD, _MIDDLE_Y = (1.3, 1.9, 1.2), 0.4
_NOSE_DEPTH, _NOSE_WIDTH = 0.5, 0.28


def turn_head(bgr_hwc: NDArray[np.uint8], face: Face, yaw_deg: float) -> NDArray[np.uint8]:
    """Turns the head of a frontal portrait.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: its face.
        yaw_deg: positive turns the nose to the right of the picture; beyond 45 degrees it looks torn.
    """
    points = face.landmarks_px.astype(np.float64)
    unit = float(np.linalg.norm(points[1] - points[0]))
    middle, nose = points[[0, 1, 3, 4]].mean(axis=0), points[2]
    turn = np.radians(yaw_deg)
    height, width = bgr_hwc.shape[:2]
    columns = np.arange(width, dtype=np.float64)
    x = (columns - middle[0]) / unit
    maps = np.empty((height, width), np.float32)
    for row in range(height):
        y = (row - points[:2, 1].mean()) / unit
        reach = (x / _HEAD[0]) ** 2 + ((y - _MIDDLE_Y) / _HEAD[1]) ** 2
        depth = _HEAD[2] * np.sqrt(np.clip(1.0 - reach, 0.0, 1.0))
        from_nose = (columns - nose[0]) ** 2 + (row - nose[1]) ** 2
        depth += _NOSE_DEPTH * np.exp(-from_nose / (2.0 * (_NOSE_WIDTH * unit) ** 2))
        # Around a point within the head; the room does not turn, and in between it fades.
        inside = np.clip((1.5 - reach) / 0.5, 0.0, 1.0)
        shift = inside * (x * (np.cos(turn) - 1.0) + (depth - 0.6 * _HEAD[2]) * np.sin(turn))
        # What turns out of sight is covered by what comes before it.
        seen_at = np.maximum.accumulate(columns + shift * unit)
        maps[row] = np.interp(columns, seen_at, columns)
    rows = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
    return np.asarray(cv2.remap(bgr_hwc, maps, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def turn_picture(bgr_hwc: NDArray[np.uint8], yaw_deg: float) -> NDArray[np.uint8]:
    """Turns a flat picture around an upright axis through its middle, three times its width from the camera."""
    height, width = bgr_hwc.shape[:2]
    turn, distance = np.radians(yaw_deg), 3.0 * width
    corners = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    middle = np.asarray([width / 2, height / 2], np.float32)
    flat = corners - middle
    nearer = distance / (distance - flat[:, 0] * np.sin(turn))
    seen = np.stack([flat[:, 0] * np.cos(turn) * nearer, flat[:, 1] * nearer], axis=1) + middle
    matrix = cv2.getPerspectiveTransform(corners, np.asarray(seen, np.float32))
    return np.asarray(cv2.warpPerspective(bgr_hwc, matrix, (width, height), borderValue=(128, 128, 128)), np.uint8)
