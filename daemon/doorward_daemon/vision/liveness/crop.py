"""The crop of a liveness network: the face with its surroundings, pushed back into the picture at the border."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.array import freeze
from doorward_daemon.model.face import Face


@dataclass(frozen=True, slots=True, eq=False)
class LivenessCrop:
    """What a liveness network is shown."""

    bgr_hwc: NDArray[np.uint8]
    """(S, S, 3) uint8, blue, green, red; read-only."""
    scale_ratio: float
    """Scale that was possible over the trained one, 0..1."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.bgr_hwc, "bgr_hwc", (None, None, 3), "uint8")


def cut_crop(bgr_hwc: NDArray[np.uint8], face: Face, scale: float, size_px: int) -> LivenessCrop | None:
    """Cuts the crop.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        face: the face.
        scale: side of the crop over side of the box, as in training.
        size_px: side of the network's input.

    Returns:
        The crop; None for a box without area or outside the picture.

    Source: the crop rule of Silent-Face-Anti-Spoofing: the scale is lowered until the crop fits, then the crop is
        shifted inside, truncated to whole pixels, both corners included.
    """
    height, width = bgr_hwc.shape[:2]
    if face.width_px < 1.0 or face.height_px < 1.0 or not np.isfinite(face.xyxy_px).all():
        return None
    possible = min((height - 1) / face.height_px, (width - 1) / face.width_px, scale)
    left, right = _span(float(face.xyxy_px[0] + face.xyxy_px[2]) / 2, face.width_px * possible, width - 1)
    top, bottom = _span(float(face.xyxy_px[1] + face.xyxy_px[3]) / 2, face.height_px * possible, height - 1)
    patch = bgr_hwc[top : bottom + 1, left : right + 1]
    if patch.size == 0:
        return None
    resized = cv2.resize(patch, (size_px, size_px), interpolation=cv2.INTER_LINEAR)
    return LivenessCrop(np.asarray(resized, np.uint8), possible / scale)


def _span(centre: float, length: float, last: int) -> tuple[int, int]:
    begin, end = centre - length / 2, centre + length / 2
    if begin < 0:
        begin, end = 0.0, end - begin
    if end > last:
        begin, end = begin - (end - last), float(last)
    return max(0, int(begin)), min(last, int(end))
