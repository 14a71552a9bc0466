"""The one input tensor a detector writes every picture into."""

import cv2
import numpy as np
from numpy.typing import NDArray


class Canvas:
    """Memory for a padded picture, used again for every next one. Not thread-safe.

    A fresh tensor per picture leaves holes in the heap that no later size fits: 300 sizes took the process to 343 MB,
    with one canvas to 256 MB (OpenVINO 2026.4 on glibc).

    Args:
        max_side_px: longest side of a picture that will be written.
        stride_px: width and height of the tensor are multiples of this.
    """

    def __init__(self, max_side_px: int, stride_px: int) -> None:
        self._stride_px = stride_px
        side = max_side_px + -max_side_px % stride_px
        # Pages nothing was written to take no memory.
        self._memory = np.empty(3 * side * side, np.float32)
        self._bytes = np.empty(3 * side * side, np.uint8)

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
