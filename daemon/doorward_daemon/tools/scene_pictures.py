"""Pictures of a gate for measurements: nobody there, or two people who never stand quite still."""

import io
import math
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.tools.pipeline_rig import FRAME_PX

Scene = Literal["empty", "two"]
_FRAMES = 60
"""Then the scene begins anew."""
_NOISE_LEVELS = 3.0
_PERSON_PX = 230
_SWAY_PX = 6.0
_WALL_RGB = (96, 104, 112)


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
        frame = np.full((FRAME_PX[1], FRAME_PX[0], 3), _WALL_RGB, np.uint8)
        for place, person in enumerate(people):
            left = 60 + 300 * place + round(_SWAY_PX * math.sin(2 * math.pi * number / _FRAMES + place))
            frame[-_PERSON_PX:, left : left + person.shape[1]] = person
        noisy = frame + chance.normal(0.0, _NOISE_LEVELS, frame.shape)
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(folder / f"{number:03d}.jpg", quality=95)


def _people() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    golden = Image.open(io.BytesIO(golden_picture())).convert("RGB")
    size = (round(golden.width * _PERSON_PX / golden.height), _PERSON_PX)
    person = np.asarray(golden.resize(size, Image.Resampling.LANCZOS), np.uint8)
    return person, person[:, ::-1]
