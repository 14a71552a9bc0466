"""The numbers of YuNet's outputs as boxes, landmarks and scores."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

STRIDE_PX = 32
"""Height and width of the input are multiples of this."""
_STRIDES_PX = (8, 16, 32)


def decode(
    outputs: Mapping[str, NDArray[np.float32]], width_px: int, score_threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Reads the outputs of one picture.

    Args:
        outputs: cls_S, obj_S (1, N, 1), bbox_S (1, N, 4), kps_S (1, N, 10) for strides S of 8, 16, 32.
        width_px: width of the network's input.
        score_threshold: candidates below are left out.

    Returns:
        Boxes (N, 4) xyxy and landmarks (N, 5, 2) in pixels of the input, scores (N,), best first.

    Source: YuNet's decoder as in OpenCV's FaceDetectorYN: priors are grid corners, sizes are logarithmic, the score is
        the geometric mean of class and objectness.
    """
    parts = [_decode_stride(outputs, stride, width_px // stride, score_threshold) for stride in _STRIDES_PX]
    boxes, landmarks, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(-scores, kind="stable")
    return boxes[order], landmarks[order], scores[order]


def _decode_stride(
    outputs: Mapping[str, NDArray[np.float32]], stride: int, columns: int, score_threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    certainty = np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1)
    # NaN compares false: a network gone wrong finds nothing.
    index = np.flatnonzero(certainty >= score_threshold**2)
    grid = np.stack([index % columns, index // columns], axis=1).astype(np.float32)
    offsets = outputs[f"bbox_{stride}"][0, index]
    centres = (grid + offsets[:, :2]) * stride
    halves = np.exp(offsets[:, 2:]) * (stride / 2)
    landmarks = (outputs[f"kps_{stride}"][0, index].reshape(-1, 5, 2) + grid[:, None, :]) * stride
    boxes = np.concatenate([centres - halves, centres + halves], axis=1)
    return boxes.astype(np.float32), landmarks.astype(np.float32), np.sqrt(certainty[index]).astype(np.float32)


def suppress(boxes: NDArray[np.float32], scores: NDArray[np.float32], iou: float) -> NDArray[np.intp]:
    """Keeps the best of boxes that overlap, as OpenCV does: on boxes cut to whole pixels.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        iou: boxes that share more than this with a better one go.

    Returns:
        Indices of those that stay, best first.
    """
    if len(boxes) < 2:
        return np.arange(len(boxes))
    whole = np.concatenate([np.trunc(boxes[:, :2]), np.trunc(boxes[:, 2:] - boxes[:, :2])], axis=1).astype(int)
    kept = cv2.dnn.NMSBoxes(whole.tolist(), scores.tolist(), 0.0, iou)
    return np.asarray(kept, np.intp).reshape(-1)
