"""The scene an instrument is held into: a wall or a person, the instrument in perspective, fingers at its rim."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

OVERSAMPLING = 2
"""Scenes are painted this many times finer than the camera's pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where the middle of the instrument is and how it is tilted, in pixels of the camera."""

    centre_px: tuple[float, float]
    """Middle of the instrument."""
    height_px: float
    """Its height."""
    roll_deg: float
    """How far it is turned in the picture."""
    skew: NDArray[np.float32]
    """(4, 2) float32: how far perspective moves each corner, shares of its height."""

    def corners_px(self, aspect: float) -> NDArray[np.float32]:
        """The corners, (4, 2) float32, clockwise from upper left.

        Args:
            aspect: width over height.
        """
        half = np.asarray([self.height_px * aspect / 2, self.height_px / 2], np.float32)
        flat = np.asarray([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half + self.skew * self.height_px
        turn = np.radians(self.roll_deg)
        rotation = np.asarray([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
        return np.asarray(flat @ rotation + np.asarray(self.centre_px, np.float32), np.float32)


def paint_wall(width_px: int, height_px: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A wall with a corner, unevenly lit, (H, W, 3) float32, light."""
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    tone = rng.uniform(0.15, 0.5) * rng.uniform(0.8, 1.2, 3)
    slope = rng.uniform(-0.4, 0.4, 2)
    shade = 1.0 + slope[0] * (x / width_px - 0.5) + slope[1] * (y / height_px - 0.5)
    corner = width_px * rng.uniform(0.05, 0.95)
    shade = shade * np.where(x < corner, 1.0, rng.uniform(0.6, 1.3))
    return np.asarray(shade[..., None] * tone, np.float32)


def hold(
    scene: NDArray[np.float32], instrument: NDArray[np.float32], placement: Placement, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Holds an instrument into a scene, with fingers over its lower rim.

    Args:
        scene: (H, W, 3) float32, light; unchanged.
        instrument: (h, w, 3) float32, light of its whole surface, rim included.
        placement: where, in pixels of the camera.
        rng: draws the hand.
    """
    height, width = instrument.shape[:2]
    corners = placement.corners_px(width / height) * OVERSAMPLING
    source = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    size = (scene.shape[1], scene.shape[0])
    # Linear, without a filter before it: fine dots and stripes beat against the camera's pixels as they do for real.
    moved = cv2.warpPerspective(instrument, matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    mixed = np.asarray(scene * (1.0 - cover[..., None]) + moved * cover[..., None], np.float32)
    return _put_fingers(mixed, corners, rng)


def bend(instrument: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """Bends a page around an upright axis: its sides turn away, its middle comes nearer.

    Args:
        instrument: (h, w, 3) float32.
        strength: half the angle the page spans, radians, above 0.
    """
    height, width = instrument.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (x - width / 2) / (width / 2)
    angle = np.arcsin(np.clip(across * np.sin(strength), -1.0, 1.0))
    from_x = (angle / strength + 1.0) * width / 2
    nearer = 1.0 + 0.12 * strength * (np.cos(angle) - 1.0)
    from_y = (y - height / 2) / nearer + height / 2
    shade = (0.55 + 0.45 * np.cos(angle))[..., None]
    maps = np.asarray(from_x, np.float32), np.asarray(from_y, np.float32)
    bent = cv2.remap(instrument, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent * shade, np.float32)


def _put_fingers(
    scene: NDArray[np.float32], corners: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    left, right = corners[3], corners[2]
    length = float(np.linalg.norm(right - left))
    thick = max(4, round(length * 0.07))
    skin = np.asarray([0.18, 0.27, 0.5]) * rng.uniform(0.5, 1.2)
    painted = scene.copy()
    for share in (rng.uniform(-0.02, 0.1), rng.uniform(0.85, 1.02)):
        base = left + (right - left) * share
        tip = base + (corners[0] - left) * rng.uniform(0.1, 0.22)
        start = base - (corners[0] - left) * 0.25
        points = [tuple(int(v) for v in np.rint(point)) for point in (start, tip)]
        cv2.line(painted, points[0], points[1], [float(tone) for tone in skin], 2 * thick, cv2.LINE_AA)
    return painted
