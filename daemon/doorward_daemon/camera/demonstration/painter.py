"""Paints the frames of the demonstration: a gate, a figure in it, the light, and the noise of a sensor."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.demonstration.figure import Figure
from doorward_daemon.camera.demonstration.scene import Phase, scene_at

WIDTH_PX, HEIGHT_PX = 640, 480

_FACE_OF_ASTRONAUT = (0.35, 0.12, 0.53, 0.36)
"""Left, top, right, bottom of her face over the size of the picture."""
_NOISE_SIGMA = 2.0
_NOISE_FIELDS = 8


class Painter:
    """Paints any frame of the endless round; the same frame of the same seed is the same picture.

    Args:
        figures: pictures of those who turn up.
        seed: of the sensor's noise.
    """

    def __init__(self, figures: dict[Figure, NDArray[np.uint8]], seed: int) -> None:
        self._figures = figures
        self._gate = _paint_gate()
        chance = np.random.default_rng(seed)
        # A few fields, shifted per frame, cost a tenth of fresh noise and never repeat frame to frame.
        shape = (_NOISE_FIELDS, HEIGHT_PX, WIDTH_PX, 3)
        self._noise = np.rint(chance.normal(0.0, _NOISE_SIGMA, shape)).astype(np.int8)

    def paint(self, frame: int) -> NDArray[np.uint8]:
        """Paints one frame.

        Args:
            frame: 0 for the first.

        Returns:
            (480, 640, 3) uint8, blue, green, red, owned by the caller.
        """
        scene, phase, progress = scene_at(frame)
        canvas = self._gate.copy()
        if scene.figure is not Figure.NOBODY:
            self._put(canvas, scene.figure, phase, progress)
        if phase.blur_px:
            canvas = np.asarray(cv2.blur(canvas, (phase.blur_px, 1)), np.uint8)
        if phase.brightness != 1.0:
            canvas = np.asarray(cv2.convertScaleAbs(canvas, alpha=phase.brightness), np.uint8)
        noise = np.roll(self._noise[frame % _NOISE_FIELDS], frame * 7 % WIDTH_PX, axis=1)
        return np.asarray(cv2.add(canvas, noise, dtype=cv2.CV_8U), np.uint8)

    def _put(self, canvas: NDArray[np.uint8], figure: Figure, phase: Phase, progress: float) -> None:
        picture = self._figures[figure]
        if phase.covered and figure is Figure.ASTRONAUT:
            picture = _cover(picture, phase.covered)
        size = phase.size[0] + (phase.size[1] - phase.size[0]) * progress
        height_px = max(8, round(size * HEIGHT_PX))
        width_px = max(8, round(height_px * picture.shape[1] / picture.shape[0]))
        small = cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
        centre = (phase.centre_x[0] + (phase.centre_x[1] - phase.centre_x[0]) * progress) * WIDTH_PX
        left, top = round(centre - width_px / 2), HEIGHT_PX - height_px
        begin, end = max(0, left), min(WIDTH_PX, left + width_px)
        if begin < end:
            canvas[top:, begin:end] = small[:, begin - left : end - left]


def _cover(picture: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    left, top, right, bottom = _FACE_OF_ASTRONAUT
    covered = picture.copy()
    first = round((bottom - (bottom - top) * share) * height)
    covered[first : round(bottom * height), round(left * width) : round(right * width)] = (92, 118, 148)
    return covered


def _paint_gate() -> NDArray[np.uint8]:
    """A corridor wall with panels, brighter at the top."""
    shade = np.linspace(150, 90, HEIGHT_PX, dtype=np.float32)[:, None, None]
    gate = np.broadcast_to(shade, (HEIGHT_PX, WIDTH_PX, 3)).copy()
    gate[:, ::80] *= 0.85
    gate[::120] *= 0.85
    gate += np.asarray((6, 0, -6), np.float32)
    return np.clip(np.rint(gate), 0, 255).astype(np.uint8)
