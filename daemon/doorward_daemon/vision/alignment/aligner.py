"""Cuts the aligned crop of a face out of a picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.array import freeze
from doorward_daemon.packs.manifest import Alignment
from doorward_daemon.vision.alignment.similarity_transform import similarity_transform


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """An upright square crop and how it was cut."""

    bgr_hwc: NDArray[np.uint8]
    """(S, S, 3) uint8, blue, green, red; black where the crop reaches beyond the picture; read-only."""
    matrix: NDArray[np.float64]
    """(2, 3) float64: maps (x, y, 1) of the picture to the crop; all zero where the landmarks gave no crop."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.bgr_hwc, "bgr_hwc", (None, None, 3), "uint8")
        freeze(self.matrix, "matrix", (2, 3), "float64")

    @property
    def scale(self) -> float:
        """Pixels of the crop per pixel of the picture; 0 where the landmarks gave no crop."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))


class Aligner:
    """Aligns to one template. Thread-safe: keeps nothing.

    Args:
        alignment: size of the crop and where the landmarks lie in it.
    """

    def __init__(self, alignment: Alignment) -> None:
        self.alignment = alignment
        self._target = np.asarray(alignment.template_px, np.float64)

    def align(self, bgr_hwc: NDArray[np.uint8], landmarks_px: NDArray[np.float32]) -> AlignedFace:
        """Cuts one face: bilinear, black beyond the border.

        Args:
            bgr_hwc: (H, W, 3) uint8.
            landmarks_px: (5, 2) in pixels of the picture.

        Returns:
            The crop; all black with a zero matrix where the landmarks are not finite or lie in one place, which no gate
            passes.
        """
        side = self.alignment.size_px
        matrix = similarity_transform(landmarks_px, self._target)
        if matrix is None:
            return AlignedFace(np.zeros((side, side, 3), np.uint8), np.zeros((2, 3)))
        crop = cv2.warpAffine(bgr_hwc, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return AlignedFace(np.asarray(crop, np.uint8), matrix)
