"""Change between frames, by the mean brightness of a few hundred cells."""

import cv2
import numpy as np
from numpy.typing import NDArray

_CELLS = (32, 24)
"""Width and height of the grid: at 640x480 a cell is 20 px, a third of the narrowest face that is looked for in
earnest, and the mean of 100 pixels takes the noise of a sensor down to a tenth."""


class MotionGauge:
    """Compares frames with the one that was kept. Not thread-safe: one for each camera.

    Args:
        levels: change of a cell's brightness that counts, 0..255. What changes everywhere alike, as exposure does, is
            taken off first.
    """

    def __init__(self, levels: float) -> None:
        self._levels = levels
        self._kept: NDArray[np.float32] | None = None
        self._seen: NDArray[np.float32] | None = None

    def sees_change(self, bgr_hwc: NDArray[np.uint8]) -> bool:
        """Whether a cell differs from the kept frame; True before one was kept.

        What moves slowly adds up: the kept frame stays until `keep`.

        Args:
            bgr_hwc: the frame, (H, W, 3) uint8, blue, green, red.
        """
        # Green carries most of what is bright, and every other pixel of it is enough for a mean.
        green = np.ascontiguousarray(bgr_hwc[::2, ::2, 1])
        self._seen = np.asarray(cv2.resize(green, _CELLS, interpolation=cv2.INTER_AREA), np.float32)
        if self._kept is None:
            return True
        difference = self._seen - self._kept
        difference -= np.median(difference)
        return bool(np.abs(difference).max() > self._levels)

    def keep(self) -> None:
        """Keeps the frame looked at last: later ones are compared with it."""
        self._kept = self._seen
