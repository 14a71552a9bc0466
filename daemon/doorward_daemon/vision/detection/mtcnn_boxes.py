"""Arithmetic on the boxes that run through the stages of MTCNN."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Boxes considered per box kept: texture that looks like faces everywhere must not cost a quadratic search.
_CROWD = 8


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes on their way through the stages, as parallel arrays."""

    xyxy_px: NDArray[np.float32]
    """(N, 4) float32: edges left, top, right, bottom in pixels of the searched picture (0 = its outer edge)."""
    scores: NDArray[np.float32]
    """(N,) float32: face probability, 0..1."""

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "Boxes":
        """The boxes at these places."""
        return Boxes(self.xyxy_px[index], self.scores[index])

    @classmethod
    def joined(cls, parts: list["Boxes"]) -> "Boxes":
        """All boxes of several sets."""
        if not parts:
            return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        return cls(np.concatenate([part.xyxy_px for part in parts]), np.concatenate([part.scores for part in parts]))


def best_apart(boxes: Boxes, overlap: float, limit: int) -> NDArray[np.intp]:
    """Non-maximum suppression by intersection over union.

    Args:
        boxes: N boxes.
        overlap: boxes that share more than this with a better one are dropped, 0..1.
        limit: most boxes to keep.

    Returns:
        (M,) int, M <= min(N, limit): places of the kept boxes, best first.
    """
    if not len(boxes):
        return np.zeros(0, np.intp)
    best = np.argsort(-boxes.scores, kind="stable")[: _CROWD * limit]
    corners = boxes.xyxy_px[best].astype(np.float64)
    corners[:, 2:] -= corners[:, :2]
    kept = cv2.dnn.NMSBoxes(corners.tolist(), boxes.scores[best].tolist(), 0.0, overlap)
    return best[np.asarray(kept, np.intp).reshape(-1)[:limit]]


def not_inside_better(boxes: Boxes, overlap: float, limit: int) -> NDArray[np.intp]:
    """Non-maximum suppression by intersection over the smaller box: an eye within a face goes as well.

    Args:
        boxes: N boxes, few.
        overlap: boxes that share more than this of the smaller one with a better one are dropped, 0..1.
        limit: most boxes to keep.

    Returns:
        (M,) int, M <= min(N, limit): places of the kept boxes, best first.
    """
    order = np.argsort(-boxes.scores, kind="stable")
    shared = _shared_of_smaller(boxes.xyxy_px[order])
    kept: list[int] = []
    for place in range(len(order)):
        if len(kept) < limit and not np.any(shared[place, kept] > overlap):
            kept.append(place)
    return order[kept]


def regressed(xyxy_px: NDArray[np.float32], offsets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Moves every edge by its offset, which is a share of the box's own width or height.

    Args:
        xyxy_px: (N, 4) float32.
        offsets: (N, 4) float32, for left, top, right, bottom.
    """
    sizes = xyxy_px[:, 2:] - xyxy_px[:, :2]
    return xyxy_px + offsets * np.tile(sizes, 2)


def squared(xyxy_px: NDArray[np.float32], scale: float = 1.0) -> NDArray[np.float32]:
    """Puts a square around the middle of each box.

    Args:
        xyxy_px: (N, 4) float32.
        scale: side of the square over the longer side of the box.

    Returns:
        (N, 4) float32.
    """
    middles = (xyxy_px[:, :2] + xyxy_px[:, 2:]) / 2
    halves = (xyxy_px[:, 2:] - xyxy_px[:, :2]).max(axis=1, keepdims=True) * (scale / 2)
    return np.hstack([middles - halves, middles + halves]).astype(np.float32)


def _shared_of_smaller(xyxy_px: NDArray[np.float32]) -> NDArray[np.float32]:
    low = np.maximum(xyxy_px[:, None, :2], xyxy_px[None, :, :2])
    high = np.minimum(xyxy_px[:, None, 2:], xyxy_px[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    areas = np.prod(np.maximum(xyxy_px[:, 2:] - xyxy_px[:, :2], 0), axis=1)
    smaller = np.minimum(areas[:, None], areas[None, :])
    return np.asarray(shared / np.maximum(smaller, 1e-6), np.float32)
