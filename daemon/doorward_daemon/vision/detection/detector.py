"""The search for faces, whatever network does it."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import Runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.packs.remedy import way_to
from doorward_daemon.vision.detection.settings import DetectionSettings


class Detector(Protocol):
    """Finds faces; thread-safe."""

    def detect(self, bgr_hwc: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a picture.

        Args:
            bgr_hwc: (H, W, 3) uint8, blue, green, red; at least 1x1.

        Returns:
            Boxes and landmarks in pixels of the picture, best first; boxes may reach beyond its border.

        Raises:
            Fault: INFERENCE_FAILED.
        """


def open_detector(pack: InstalledPack, runtime: Runtime, settings: DetectionSettings) -> Detector:
    """Opens the detector of a pack, chosen by the kind of its first detector model.

    Raises:
        Conflict: PACK_DAMAGED, the pack has no detector this version knows; PACK_MISSING, a file is not there.
        Fault: INFERENCE_FAILED, a model does not compile.
    """
    kinds = [model.kind for model in pack.manifest.of_role(ModelRole.DETECTOR)]
    # Imported where chosen: a box loads the decoder of its own pack only.
    if "yunet" in kinds:
        from doorward_daemon.vision.detection.yunet import open_yunet

        return open_yunet(pack, runtime, settings)
    if "mtcnn_pnet" in kinds:
        from doorward_daemon.vision.detection.mtcnn import open_mtcnn

        return open_mtcnn(pack, runtime, settings)
    raise Conflict(
        ErrorReason.PACK_DAMAGED,
        f"pack {pack.manifest.name}: expected a detector of kind yunet or mtcnn_pnet, found {kinds or 'none'}; "
        f"{way_to(pack.manifest.name)} of this version",
        metadata={"pack": pack.manifest.name},
    )
