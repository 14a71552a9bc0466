"""The one input tensor a detector writes every picture into."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import cv2
import numpy as np
from numpy.typing import NDArray

_SMALL_AREA_PX = 800 * 608
"""Pictures of a camera: several are searched at once."""
_SMALL_AT_ONCE = 4


class Canvas:
    """Memory for a padded picture, used again for every next one. Not thread-safe.

    A fresh tensor per picture leaves holes in the heap that no later size fits: 300 sizes took the process to 343 MB,
    with one canvas to 256 MB (OpenVINO 2026.4 on glibc).

    Args:
        area_px: of the largest picture that will be written, whole strides included.
        stride_px: width and height of the tensor are multiples of this.
    """

    def __init__(self, area_px: int, stride_px: int) -> None:
        self._stride_px = stride_px
        # Pages nothing was written to take no memory.
        self._memory = np.empty(3 * area_px, np.float32)
        self._bytes = np.empty(3 * area_px, np.uint8)

    def write(self, bgr_hwc: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Writes a picture, with black at the right and the bottom up to whole strides.

        Args:
            bgr_hwc: (H, W, 3) uint8, no side longer than the canvas.

        Returns:
            (1, 3, H', W') float32, BGR, 0..255; valid until the next picture is written.
        """
        height, width = bgr_hwc.shape[:2]
        padded = (3, height + -height % self._stride_px, width + -width % self._stride_px)
        chw = self._memory[: 3 * padded[1] * padded[2]].reshape(padded)
        # Bytes are taken apart before they become floats: a third of the time of one transposed assignment.
        planes = cv2.split(bgr_hwc, [*self._bytes[: 3 * height * width].reshape(3, height, width)])
        for plane, channel in zip(chw, planes, strict=True):
            np.copyto(plane[:height, :width], channel)
        chw[:, height:, :] = 0.0
        chw[:, :height, width:] = 0.0
        return chw[np.newaxis]


class Canvases:
    """Lends canvases: one for large pictures, several for those of a camera. Thread-safe.

    Searches of large pictures wait for each other: each would hold the memory of a whole search, and one of them uses
    every core.

    Args:
        max_side_px: longest side of a picture.
        stride_px: width and height of the tensors are multiples of this.
    """

    def __init__(self, max_side_px: int, stride_px: int) -> None:
        self._stride_px = stride_px
        side_px = max_side_px + -max_side_px % stride_px
        self._large: SimpleQueue[Canvas] = SimpleQueue()
        self._large.put(Canvas(side_px * side_px, stride_px))
        self._small: SimpleQueue[Canvas] = SimpleQueue()
        for _ in range(_SMALL_AT_ONCE):
            self._small.put(Canvas(_SMALL_AREA_PX, stride_px))

    @contextmanager
    def lend(self, bgr_hwc: NDArray[np.uint8]) -> Iterator[Canvas]:
        """A canvas for this picture; waits for one."""
        height, width = (side + -side % self._stride_px for side in bgr_hwc.shape[:2])
        canvases = self._small if height * width <= _SMALL_AREA_PX else self._large
        canvas = canvases.get()
        try:
            yield canvas
        finally:
            canvases.put(canvas)
