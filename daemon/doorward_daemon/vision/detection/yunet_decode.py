"""The numbers of YuNet's outputs as faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

STRIDE_PX = 32
"""Height and width of the input are multiples of this."""
_STRIDES_PX = (8, 16, 32)
# Source: OpenCV's FaceDetectorYN, default top_k: candidates that take part in suppression.
_MOST_CANDIDATES = 5000
# A box e^10 strides wide is no face but a network gone wrong; without the limit it is infinite.
_LARGEST_LOG_SIZE = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class FoundFaces:
    """Faces found so far, as parallel arrays."""

    xyxy_px: NDArray[np.float32]
    """(N, 4) float32."""
    landmarks_px: NDArray[np.float32]
    """(N, 5, 2) float32, in the order of LANDMARK_NAMES."""
    scores: NDArray[np.float32]
    """(N,) float32, 0..1."""

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def widths_px(self) -> NDArray[np.float32]:
        """(N,) float32: widths of the boxes."""
        return self.xyxy_px[:, 2] - self.xyxy_px[:, 0]

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "FoundFaces":
        """Some of them."""
        return FoundFaces(self.xyxy_px[index], self.landmarks_px[index], self.scores[index])

    def mapped(self, factors: tuple[float, float], shift_px: tuple[int, int] = (0, 0)) -> "FoundFaces":
        """The same faces in another picture: shifted, then multiplied, along x and y."""
        shift, factor = np.asarray(shift_px, np.float32), np.asarray(factors, np.float32)
        boxes = (self.xyxy_px + np.tile(shift, 2)) * np.tile(factor, 2)
        return FoundFaces(boxes, (self.landmarks_px + shift) * factor, self.scores)

    @classmethod
    def joined(cls, parts: Sequence["FoundFaces"]) -> "FoundFaces":
        """All faces of several looks."""
        return cls(
            np.concatenate([part.xyxy_px for part in parts]),
            np.concatenate([part.landmarks_px for part in parts]),
            np.concatenate([part.scores for part in parts]),
        )


_NOBODY = FoundFaces(np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32), np.empty(0, np.float32))


def decode(outputs: Mapping[str, NDArray[np.float32]], width_px: int, score_threshold: float) -> FoundFaces:
    """Reads the outputs of one picture.

    Args:
        outputs: cls_S, obj_S (1, N, 1), bbox_S (1, N, 4), kps_S (1, N, 10) for strides S of 8, 16, 32.
        width_px: width of the network's input.
        score_threshold: candidates below are left out.

    Returns:
        Candidates in pixels of the input; many for one face. What is not a finite number is left out.

    Source: OpenCV's FaceDetectorYN: priors are grid corners, sizes are logarithmic, the score is the geometric mean of
        class and objectness.
    """
    return FoundFaces.joined(
        [_decode_stride(outputs, stride, width_px // stride, score_threshold) for stride in _STRIDES_PX]
    )


def _decode_stride(
    outputs: Mapping[str, NDArray[np.float32]], stride: int, columns: int, score_threshold: float
) -> FoundFaces:
    # NaN compares false: a network gone wrong finds nothing.
    index = _likely(outputs[f"cls_{stride}"][0, :, 0], score_threshold)
    if not len(index):
        return _NOBODY
    certainty = [np.clip(outputs[f"{name}_{stride}"][0, index, 0], 0, 1) for name in ("cls", "obj")]
    scores = np.sqrt(certainty[0] * certainty[1])
    index, scores = index[scores >= score_threshold], scores[scores >= score_threshold]
    grid = np.stack([index % columns, index // columns], axis=1).astype(np.float32)
    offsets = outputs[f"bbox_{stride}"][0, index]
    centres = (grid + offsets[:, :2]) * stride
    halves = np.exp(np.minimum(offsets[:, 2:], _LARGEST_LOG_SIZE)) * (stride / 2)
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    landmarks = (outputs[f"kps_{stride}"][0, index].reshape(-1, 5, 2) + grid[:, None, :]) * stride
    finite = np.isfinite(boxes).all(axis=1) & np.isfinite(landmarks).all(axis=(1, 2))
    return FoundFaces(boxes, landmarks, scores).take(finite)


def _likely(certainty: NDArray[np.float32], score_threshold: float) -> NDArray[np.intp]:
    # The other factor is 1 at most. Nearly all places of a picture end here, so the rest is reckoned for a handful. The
    # last digits are left to the exact comparison.
    return np.flatnonzero(certainty >= score_threshold * score_threshold * 0.999)


def suppress(faces: FoundFaces, iou: float, most: int) -> FoundFaces:
    """Keeps the best of boxes that overlap, as OpenCV does: on boxes cut to whole pixels.

    Args:
        faces: candidates.
        iou: those that share more than this with a better one go.
        most: faces to keep.

    Returns:
        Those that stay, best first.
    """
    if not len(faces):
        return faces
    # Position and size are each cut towards zero, as OpenCV's rectangles of whole numbers are.
    whole = np.concatenate([faces.xyxy_px[:, :2], faces.xyxy_px[:, 2:] - faces.xyxy_px[:, :2]], axis=1).astype(np.int64)
    kept = cv2.dnn.NMSBoxes(whole.tolist(), faces.scores.tolist(), 0.0, iou, 1.0, _MOST_CANDIDATES)
    return faces.take(np.asarray(kept, np.intp).reshape(-1)[:most])
