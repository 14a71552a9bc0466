"""The searched picture in falling sizes, and crops out of it."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

_GREY = 127.5
_SCALE = 1 / 128
_MAX_HALVINGS = 12


class PicturePyramid:
    """One picture at full, half, quarter... size, made when asked for; used by one thread.

    Args:
        bgr_hwc: (H, W, 3) uint8, at least 1x1.
        max_side_px: a picture whose longer side is larger is shrunk to this first.
    """

    def __init__(self, bgr_hwc: NDArray[np.uint8], max_side_px: int) -> None:
        height, width = bgr_hwc.shape[:2]
        factor = min(1.0, max_side_px / max(height, width))
        self.width_px = max(1, round(width * factor))
        self.height_px = max(1, round(height * factor))
        self._halves = [bgr_hwc if factor == 1.0 else _resized(bgr_hwc, self.width_px, self.height_px)]

    def level_sizes(self, scale: float, factor: float, smallest_px: int) -> Iterator[tuple[int, int]]:
        """Width and height of falling levels.

        Args:
            scale: size of the first level over that of the picture.
            factor: of one level over the one before.
            smallest_px: levels with a shorter side are left out.
        """
        while True:
            size = (round(self.width_px * scale), round(self.height_px * scale))
            if min(size) < smallest_px:
                return
            yield size
            scale *= factor

    def level(self, width_px: int, height_px: int) -> NDArray[np.float32]:
        """The whole picture at another size.

        Returns:
            (1, 3, height, width) float32, RGB, (x - 127.5) / 128.
        """
        shrinking = int(min(self.width_px / width_px, self.height_px / height_px))
        source = self._half(shrinking.bit_length() - 1)
        # Less than twice smaller than its source: bilinear does not alias yet and takes a sixth of the time.
        resized = cv2.resize(source, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
        return _network_input([np.asarray(resized, np.uint8)])

    def crops(self, squares_px: NDArray[np.float32], size_px: int) -> NDArray[np.float32]:
        """Square crops, each from the size that is just larger than wanted, so that no detail aliases.

        Args:
            squares_px: (N, 4) float32, N at least 1; edges, may reach beyond the picture; outside is black.
            size_px: side of the crops.

        Returns:
            (N, 3, size, size) float32, RGB, (x - 127.5) / 128.
        """
        crops = np.zeros((len(squares_px), size_px, size_px, 3), np.uint8)
        sides = np.maximum(squares_px[:, 2] - squares_px[:, 0], 1)
        halvings = np.clip(np.floor(np.log2(sides / size_px)), 0, _MAX_HALVINGS).astype(int)
        for halving in np.unique(halvings):
            chosen = halvings == halving
            crops[chosen] = self._cut(self._half(int(halving)), squares_px[chosen], size_px)
        return _network_input(list(crops))

    def _half(self, halvings: int) -> NDArray[np.uint8]:
        while len(self._halves) <= halvings:
            last = self._halves[-1]
            self._halves.append(_resized(last, (last.shape[1] + 1) // 2, (last.shape[0] + 1) // 2))
        return self._halves[max(0, halvings)]

    def _cut(self, source: NDArray[np.uint8], squares_px: NDArray[np.float32], size_px: int) -> NDArray[np.uint8]:
        across = _places(squares_px[:, 0], squares_px[:, 2], size_px, source.shape[1] / self.width_px)
        down = _places(squares_px[:, 1], squares_px[:, 3], size_px, source.shape[0] / self.height_px)
        shape = (len(squares_px), size_px, size_px)
        # One remap cuts all squares: their maps stand below each other.
        map_x = np.broadcast_to(across[:, None, :], shape).reshape(-1, size_px)
        map_y = np.broadcast_to(down[:, :, None], shape).reshape(-1, size_px)
        cut = cv2.remap(source, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.asarray(cut, np.uint8).reshape(*shape, 3)


def _places(low: NDArray[np.float32], high: NDArray[np.float32], count: int, scale: float) -> NDArray[np.float32]:
    """Middles of `count` pixels between two edges, (N, count), in pixel indices of a picture scaled by `scale`."""
    middles = (np.arange(count) + 0.5) / count
    places = (low[:, None] + (high - low)[:, None] * middles) * scale - 0.5
    return places.astype(np.float32)


def _resized(bgr_hwc: NDArray[np.uint8], width_px: int, height_px: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(bgr_hwc, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)


def _network_input(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    blob = cv2.dnn.blobFromImages(pictures, _SCALE, mean=(_GREY, _GREY, _GREY), swapRB=True)
    return np.asarray(blob, np.float32)
