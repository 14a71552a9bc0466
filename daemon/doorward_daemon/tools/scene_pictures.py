"""Pictures of a gate for measurements: nobody there, or two people who never stand quite still."""

import math
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.tools.pipeline_rig import FRAME_PX
from doorward_daemon.vision.picture import PictureSettings, decode_picture

Scene = Literal["empty", "two"]
_FRAMES = 60
"""Then the scene begins anew."""
_NOISE_LEVELS = 3.0
_PERSON_PX = 230
_SWAY_PX = 6.0
_WALL_BGR = (112, 104, 96)


def write_scene(folder: Path, scene: Scene) -> None:
    """Writes the frames of a scene as JPEG files in their order, with the noise of a sensor in each.

    Args:
        folder: made here.
        scene: `empty`, a wall; `two`, two people beside each other who sway by a few pixels.
    """
    folder.mkdir(parents=True)
    chance = np.random.default_rng(7)
    people = _people() if scene == "two" else ()
    for number in range(_FRAMES):
        frame = np.full((FRAME_PX[1], FRAME_PX[0], 3), _WALL_BGR, np.uint8)
        for place, person in enumerate(people):
            left = 60 + 300 * place + round(_SWAY_PX * math.sin(2 * math.pi * number / _FRAMES + place))
            frame[-_PERSON_PX:, left : left + person.shape[1]] = person
        noisy = frame + chance.normal(0.0, _NOISE_LEVELS, frame.shape)
        cv2.imwrite(str(folder / f"{number:03d}.jpg"), np.clip(noisy, 0, 255).astype(np.uint8))


def _people() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    golden = decode_picture(golden_picture(), PictureSettings()).bgr_hwc
    size = (round(golden.shape[1] * _PERSON_PX / golden.shape[0]), _PERSON_PX)
    person = np.asarray(cv2.resize(golden, size, interpolation=cv2.INTER_AREA), np.uint8)
    return person, person[:, ::-1]
