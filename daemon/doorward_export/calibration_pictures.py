"""What the models of a pack are given when it looks at photographs: the numbers a quantisation is calibrated with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.inference import DeviceRuntime
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import Lab, open_judge
from doorward_daemon.tools.recorded_runtime import RecordedRuntime
from doorward_daemon.tools.survey import look, progress
from doorward_daemon.vision.detection import open_detector

FEWEST = 16
"""Ranges of activations drawn from fewer faces are luck."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationInputs:
    """What the models were given, and with which pictures."""

    by_model: dict[str, list[NDArray[np.float32]]]
    """Inputs of each model by the stem of its file."""
    n_pictures: int
    """Pictures with a face."""
    data_sha256: str
    """Hash over the pictures' hashes, sorted: the same pictures in another folder give the same."""


def gather_inputs(
    runtime: DeviceRuntime, pack: InstalledPack, photos: Sequence[Path], context: ToolContext
) -> CalibrationInputs:
    """Looks at photos with the models as they are.

    Args:
        runtime: in f32.
        pack: whose models are looked through.
        photos: the pictures.
        context: settings of the stages.

    Raises:
        InvalidInput: FIELD_INVALID, too few of them show a face.
    """
    recorded = RecordedRuntime(runtime)
    detector = open_detector(pack, recorded, context.judging.detection)
    lab = Lab(pack.manifest, detector, open_judge(pack, recorded, context), context.judging.picture)
    inputs: dict[str, list[NDArray[np.float32]]] = {}
    hashes: list[str] = []
    for photo in progress(photos, "Looking at photos to calibrate with"):
        recorded.start()
        face = look(lab, photo).face
        calls = recorded.stop()
        if face is None:
            continue
        hashes.append(hashlib.sha256(photo.read_bytes()).hexdigest())
        for call in calls:
            inputs.setdefault(call.name.partition("#")[0], []).append(call.nchw)
    if len(hashes) < FEWEST:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID,
            f"--calibration: {len(hashes)} of {len(photos)} photos show a face; expected {FEWEST} at least",
        )
    return CalibrationInputs(inputs, len(hashes), hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest())
