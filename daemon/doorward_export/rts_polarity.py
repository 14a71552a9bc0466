"""Which way the score of RTS points: a sharp face has to outrank the same face spoilt."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.vision.alignment import ARCFACE_112, Aligner
from doorward_daemon.vision.blob import to_blob
from doorward_daemon.vision.detection import DetectionSettings, open_detector
from doorward_daemon.vision.picture import PictureSettings, decode_picture
from doorward_export.rts_graph import INPUT, OUTPUTS
from doorward_export.rts_network import SIDE_PX
from doorward_export.rts_pack import LAYOUT

_BLUR_PX = 8.0


def check_polarity(pack: InstalledPack, graph: Path) -> tuple[float, ...]:
    """Scores the golden face as it is, blurred, and as noise.

    The published sources disagree on the direction: the model card calls the number a quality, the abstract a variance.

    Args:
        pack: an installed pack, whose detector is used.
        graph: the exported network.

    Returns:
        The three scores.

    Raises:
        Conflict: PACK_DAMAGED, a spoilt face outranks the sharp one: the gate must not be opened by this score.
    """
    runtime = open_runtime(InferenceSettings(), None)
    try:
        picture = decode_picture(golden_picture(), PictureSettings()).bgr_hwc
        face = open_detector(pack, runtime, DetectionSettings()).detect(picture).largest_first()[0]
        crop = Aligner(ARCFACE_112).align(picture, face.landmarks_px).bgr_hwc
        model = runtime.compile(graph, input_name=INPUT, shape=(None, 3, SIDE_PX, SIDE_PX))
        blob = to_blob([crop, *_spoilt(crop)], LAYOUT)
        scores = tuple(float(score) for score in model.infer(blob)[OUTPUTS[1]].mean(axis=1))
    finally:
        runtime.close()
    if not scores[0] > max(scores[1:]):
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"the score of this checkpoint points the wrong way: sharp {scores[0]:.4f}, blurred {scores[1]:.4f}, noise "
            f"{scores[2]:.4f}; it is not the published network, or --head names the wrong one",
        )
    return scores


def _spoilt(bgr_hwc: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    blurred = np.asarray(cv2.GaussianBlur(bgr_hwc, (0, 0), _BLUR_PX), np.uint8)
    noise = np.random.default_rng(2).integers(0, 256, bgr_hwc.shape, dtype=np.uint8)
    return [blurred, noise]
