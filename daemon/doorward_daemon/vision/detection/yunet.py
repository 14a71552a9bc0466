"""YuNet: one pass over the whole picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.vision.blob import to_blob
from doorward_daemon.vision.detection.settings import DetectionSettings
from doorward_daemon.vision.detection.yunet_decode import STRIDE_PX, decode, suppress

_SECOND_LOOK_SIDE_PX = 320
"""Faces above about 300 pixels are larger than what YuNet was trained on; a smaller picture makes them smaller."""


class YuNetDetector:
    """Finds faces with YuNet. Thread-safe.

    Args:
        model: the network with free height and width.
        settings: what counts as a face.
    """

    def __init__(self, model: CompiledModel, pack: InstalledPack, settings: DetectionSettings) -> None:
        self._model = model
        self._layout = pack.manifest.of_role(ModelRole.DETECTOR)[0].input
        self._settings = settings

    def detect(self, bgr_hwc: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a picture; see Detector."""
        longer = max(bgr_hwc.shape[:2])
        found = self._look(bgr_hwc, min(longer, self._settings.max_side_px))
        if not len(found) and longer > _SECOND_LOOK_SIDE_PX:
            found = self._look(bgr_hwc, _SECOND_LOOK_SIDE_PX)
        return found

    def _look(self, bgr_hwc: NDArray[np.uint8], longer_px: int) -> Detections:
        height, width = bgr_hwc.shape[:2]
        scale = longer_px / max(height, width)
        picture = bgr_hwc
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            picture = np.asarray(cv2.resize(bgr_hwc, size, interpolation=cv2.INTER_AREA), np.uint8)
        padded = _padded(picture)
        outputs = self._model.infer(to_blob([padded], self._layout))
        boxes, landmarks, scores = decode(outputs, padded.shape[1], self._settings.score_threshold)
        # The exact factors of both axes: rounding to whole pixels makes them differ.
        factors = np.array([width / picture.shape[1], height / picture.shape[0]], np.float32)
        keep = suppress(boxes, scores, self._settings.nms_iou)
        boxes, landmarks, scores = boxes[keep], landmarks[keep], scores[keep]
        boxes *= np.tile(factors, 2)
        landmarks *= factors
        wide = (boxes[:, 2] - boxes[:, 0]) >= self._settings.min_face_px
        keep = np.flatnonzero(wide)[: self._settings.max_faces]
        return Detections(boxes[keep], landmarks[keep], scores[keep])


def open_yunet(pack: InstalledPack, runtime: Runtime, settings: DetectionSettings) -> YuNetDetector:
    """Opens YuNet.

    Raises:
        Conflict: PACK_MISSING, its file is not there.
        Fault: INFERENCE_FAILED, it does not compile.
    """
    entry = pack.manifest.of_role(ModelRole.DETECTOR)[0]
    model = runtime.compile(pack.path_of(entry), input_name=entry.input.name, shape=(1, 3, None, None))
    return YuNetDetector(model, pack, settings)


def _padded(bgr_hwc: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Adds black at the right and the bottom up to whole strides."""
    height, width = bgr_hwc.shape[:2]
    down, right = -height % STRIDE_PX, -width % STRIDE_PX
    return np.pad(bgr_hwc, ((0, down), (0, right), (0, 0))) if down or right else bgr_hwc
