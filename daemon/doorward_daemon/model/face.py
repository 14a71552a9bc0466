"""Faces found in a picture: boxes, landmarks, scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doorward_daemon.model.array import freeze

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LANDMARK_NAMES = ("right_eye", "left_eye", "nose_tip", "right_mouth_corner", "left_mouth_corner")
"""Order of the five landmarks; right and left are the subject's, so they run from left to right in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face of a picture."""

    xyxy_px: NDArray[np.float32]
    """(4,) float32: left, top, right, bottom in pixels of the picture; may reach beyond its border."""
    landmarks_px: NDArray[np.float32]
    """(5, 2) float32: x, y in pixels of the picture, in the order of LANDMARK_NAMES."""
    score: float
    """Detection score, 0..1, higher is better."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.xyxy_px, "xyxy_px", (4,), "float32")
        freeze(self.landmarks_px, "landmarks_px", (5, 2), "float32")

    @property
    def width_px(self) -> float:
        """Width of the box in pixels, never negative."""
        return max(0.0, float(self.xyxy_px[2] - self.xyxy_px[0]))

    @property
    def height_px(self) -> float:
        """Height of the box in pixels, never negative."""
        return max(0.0, float(self.xyxy_px[3] - self.xyxy_px[1]))

    @property
    def area_px(self) -> float:
        """Area of the box in square pixels."""
        return self.width_px * self.height_px


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """All faces of one picture, as parallel arrays, highest score first."""

    xyxy_px: NDArray[np.float32]
    """(N, 4) float32: left, top, right, bottom in pixels of the picture."""
    landmarks_px: NDArray[np.float32]
    """(N, 5, 2) float32: x, y in pixels of the picture, in the order of LANDMARK_NAMES."""
    scores: NDArray[np.float32]
    """(N,) float32: detection scores, 0..1, higher is better, falling."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type, or on arrays of different length."""
        count = len(self.scores)
        freeze(self.xyxy_px, "xyxy_px", (count, 4), "float32")
        freeze(self.landmarks_px, "landmarks_px", (count, 5, 2), "float32")
        freeze(self.scores, "scores", (count,), "float32")

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def empty(cls) -> Detections:
        """No face at all."""
        import numpy as np

        return cls(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32))

    def face(self, index: int) -> Face:
        """One of the faces, 0-based.

        Raises:
            IndexError: there is no such face.
        """
        return Face(self.xyxy_px[index].copy(), self.landmarks_px[index].copy(), float(self.scores[index]))

    def largest_first(self) -> list[Face]:
        """All faces, the largest box first; equal sizes keep the order of their scores."""
        return sorted((self.face(index) for index in range(len(self))), key=lambda face: -face.area_px)
