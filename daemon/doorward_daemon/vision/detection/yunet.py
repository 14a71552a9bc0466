"""YuNet: one pass over the whole picture, and further ones for faces of a size it was not trained on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.vision.detection.canvas import Canvases
from doorward_daemon.vision.detection.settings import DetectionSettings
from doorward_daemon.vision.detection.yunet_decode import STRIDE_PX, FoundFaces, decode, suppress

# YuNet was trained on faces of 10 to 300 px. Measured on 21 LFW portraits brought to one width of the face: all are
# found from 16 to 400 px, 86 % at 600 px, none at 900 px; faces that fill a picture are all found at a longer side
# of 320 px.
_SMALL_SIDE_PX = 320
_LARGE_FACES_FROM_PX = 640
_LARGE_FACE_PX = 250
# Faces of this width in the searched picture are found for certain (above), and their landmarks are exact enough for an
# embedding: a camera whose smallest wanted face is wider than that is searched at a smaller size.
_SURE_FACE_PX = 64
# The memory of a search grows with its area: 70 bytes a pixel. Cameras and telephones take pictures of 4:3 or longer;
# a squarer one is searched at the area of those, so that the longest side sets the most memory as well.
_MOST_OF_THE_SQUARE = 0.75
# Neighbouring tiles share this much, more than the largest face that only a closer look can find.
_TILE_OVERLAP_PX = 64


class YuNetDetector:
    """Finds faces with YuNet. Thread-safe; pictures larger than a camera's are searched one after the other.

    Args:
        model: the network with free height and width, BGR 0..255.
        settings: what counts as a face.
    """

    def __init__(self, model: CompiledModel, settings: DetectionSettings) -> None:
        self._model = model
        self._settings = settings
        self._canvases = Canvases(settings.max_side_px, STRIDE_PX)

    def detect(self, bgr_hwc: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a picture; see Detector."""
        height, width = bgr_hwc.shape[:2]
        longer = max(height, width)
        most = min(self._settings.max_side_px, self._side_of_most_area(longer / min(height, width)))
        searched = min(longer, most, self._side_of_need(longer))
        faces = self._look(bgr_hwc, searched)
        if searched > _LARGE_FACES_FROM_PX or (not len(faces) and searched > _SMALL_SIDE_PX):
            faces = self._with_large_faces(faces, bgr_hwc, searched)
        if not len(faces) and most < longer and searched == most:
            faces = self._look_closely(bgr_hwc)
        faces = faces.take(faces.widths_px >= self._settings.min_face_px)
        faces = suppress(faces, self._settings.nms_iou, self._settings.max_faces)
        return Detections(faces.xyxy_px, faces.landmarks_px, faces.scores)

    def _side_of_most_area(self, elongation: float) -> int:
        return int(self._settings.max_side_px * (_MOST_OF_THE_SQUARE * elongation) ** 0.5)

    def _side_of_need(self, longer_px: int) -> int:
        """The length of the longer side at which the smallest wanted face is still sure to be found."""
        return max(_SMALL_SIDE_PX, round(longer_px * _SURE_FACE_PX / self._settings.min_face_px))

    def _with_large_faces(self, faces: FoundFaces, bgr_hwc: NDArray[np.uint8], searched_px: int) -> FoundFaces:
        more = self._look(bgr_hwc, _SMALL_SIDE_PX)
        if len(faces):
            # Only where the first look is weak: its landmarks of smaller faces are the better ones.
            large_px = _LARGE_FACE_PX * max(bgr_hwc.shape[:2]) / searched_px
            more = more.take(more.widths_px >= large_px)
        return FoundFaces.joined([faces, more])

    def _look(self, bgr_hwc: NDArray[np.uint8], longer_px: int) -> FoundFaces:
        height, width = bgr_hwc.shape[:2]
        picture = _resized(bgr_hwc, longer_px)
        # The exact factors of both axes: rounding to whole pixels makes them differ.
        return self._search(picture).mapped((width / picture.shape[1], height / picture.shape[0]))

    def _look_closely(self, bgr_hwc: NDArray[np.uint8]) -> FoundFaces:
        """Looks for small faces in up to 2x2 overlapping tiles, at up to twice the size of the first look."""
        height, width = bgr_hwc.shape[:2]
        side = self._settings.max_side_px
        picture = _resized(bgr_hwc, 2 * side - _TILE_OVERLAP_PX)
        parts = [
            self._search(picture[top : top + side, left : left + side]).mapped((1.0, 1.0), (left, top))
            for top in _tile_starts(picture.shape[0], side)
            for left in _tile_starts(picture.shape[1], side)
        ]
        return FoundFaces.joined(parts).mapped((width / picture.shape[1], height / picture.shape[0]))

    def _search(self, bgr_hwc: NDArray[np.uint8]) -> FoundFaces:
        with self._canvases.lend(bgr_hwc) as canvas:
            tensor = canvas.write(bgr_hwc)
            outputs = self._model.infer(tensor)
            width_px = tensor.shape[3]
        return decode(outputs, width_px, self._settings.score_threshold)


def open_yunet(pack: InstalledPack, runtime: Runtime, settings: DetectionSettings) -> YuNetDetector:
    """Opens YuNet.

    Raises:
        Conflict: PACK_MISSING, its file is not there.
        Fault: INFERENCE_FAILED, it does not compile.
    """
    entry = pack.manifest.of_role(ModelRole.DETECTOR)[0]
    model = runtime.compile(pack.path_of(entry), input_name=entry.input.name, shape=(1, 3, None, None))
    return YuNetDetector(model, settings)


def _resized(bgr_hwc: NDArray[np.uint8], longer_px: int) -> NDArray[np.uint8]:
    """Shrinks a picture to this longer side; never enlarges, never lets a side vanish."""
    height, width = bgr_hwc.shape[:2]
    scale = longer_px / max(height, width)
    if scale >= 1.0:
        return bgr_hwc
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(bgr_hwc, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tile_starts(length_px: int, side_px: int) -> tuple[int, ...]:
    return (0,) if length_px <= side_px else (0, length_px - side_px)
