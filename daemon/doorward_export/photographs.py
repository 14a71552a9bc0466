"""The photographs a head is trained and judged on, and which of them it never sees."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.model.face import Face
from doorward_daemon.vision.quality.head_pose import estimate_head_pose
from doorward_export.tapped import TappedPack

PARTS = ("train", "choose", "held_out")
"""What a head learns from; what recipe, network and calibration are chosen with; what figures are measured on."""
_LIST = "parts.txt"


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """One photo with its largest face."""

    name: str
    """`unmasked/<file>` or `masked/<file>`."""
    bgr_hwc: NDArray[np.uint8]
    """The picture."""
    face: Face
    """Its largest face."""

    @property
    def is_masked(self) -> bool:
        """Whether a mask is worn."""
        return self.name.startswith("masked/")

    @property
    def yaw_deg(self) -> float:
        """Turn of the head, absolute."""
        return abs(estimate_head_pose(self.face.landmarks_px).yaw_deg)


def parts_of() -> dict[str, str]:
    """Part of every photo by name: the committed list, made by `doorward_export split`."""
    lines = resources.files("doorward_export").joinpath(_LIST).read_text(encoding="utf-8").splitlines()
    return {name: part for part, name in (line.split(" ", 1) for line in lines if line and not line.startswith("#"))}


def photo_names(assets: Path) -> list[str]:
    """Names of all photos below `train_faces`, sorted.

    Raises:
        InvalidInput: FIELD_INVALID, there are none.
    """
    folder = assets / "train_faces"
    names = sorted(f"{kind}/{path.name}" for kind in ("masked", "unmasked") for path in (folder / kind).glob("*.jpg"))
    if not names:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID,
            f"{folder} holds no photos; set DOORWARD_ASSETS to the folder with train_faces/unmasked and /masked",
        )
    return names


def read_photograph(assets: Path, name: str, pack: TappedPack) -> Photograph | None:
    """Reads a photo; None where the pack finds no face in it.

    Args:
        assets: the development pictures.
        name: of the photo.
        pack: finds the face.
    """
    picture = cv2.imread(str(assets / "train_faces" / name), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    bgr_hwc = np.asarray(picture, np.uint8)
    face = pack.find(bgr_hwc)
    return None if face is None else Photograph(name, bgr_hwc, face)
