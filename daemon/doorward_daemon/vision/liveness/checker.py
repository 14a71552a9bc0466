"""Asks the liveness networks of a pack about one face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment, LivenessReason, LivenessVerdict
from doorward_daemon.packs.manifest import InstalledPack, ModelEntry, ModelRole
from doorward_daemon.vision.blob import to_blob
from doorward_daemon.vision.liveness.crop import cut_crop
from doorward_daemon.vision.liveness.screen_pattern import find_screen_pattern
from doorward_daemon.vision.liveness.settings import LivenessSettings

REAL_CLASS = 1
"""Class of living people; classes 0 and 2 are attacks (maintainers of Silent-Face-Anti-Spoofing, issues 46 and 55)."""


@dataclass(frozen=True, slots=True, eq=False)
class LivenessModel:
    """One network and what it was trained on."""

    model: CompiledModel
    """The network."""
    entry: ModelEntry
    """Its crop scale, channel order and size."""


class LivenessChecker:
    """Asks all networks, and looks for a screen's pattern where they see too little. Thread-safe.

    Args:
        models: the networks, at least one.
        settings: where the verdicts begin.
    """

    def __init__(self, models: tuple[LivenessModel, ...], settings: LivenessSettings) -> None:
        self._models = models
        self._settings = settings

    def assess(self, bgr_hwc: NDArray[np.uint8], face: Face) -> LivenessAssessment:
        """Judges one face.

        Args:
            bgr_hwc: (H, W, 3) uint8, the whole picture: surroundings are what gives a screen or a print away.
            face: the face.

        Returns:
            The verdict; UNSURE where a network gave no number, or saw too little of the surroundings to be believed and
            nothing else shows an attack.

        Raises:
            Fault: INFERENCE_FAILED.
        """
        scores, ratios = [], []
        for part in self._models:
            crop = cut_crop(bgr_hwc, face, part.entry.crop_scale, part.entry.input.height_px or 80)
            if crop is None:
                return LivenessAssessment(LivenessVerdict.UNSURE, reason=LivenessReason.NO_SCORE)
            logits = part.model.infer(to_blob([crop.bgr_hwc], part.entry.input))[part.entry.outputs[0]][0]
            scores.append(_real_probability(logits))
            ratios.append(round(crop.scale_ratio, 4))
        if not np.isfinite(scores).all():
            return LivenessAssessment(LivenessVerdict.UNSURE, None, tuple(ratios), LivenessReason.NO_SCORE)
        found = self._settings.judge(tuple(scores), tuple(ratios))
        if not self._settings.looks_for_cues(found):
            return found
        return self._settings.weigh(found, find_screen_pattern(bgr_hwc, face))


def open_liveness(
    pack: InstalledPack, runtime: Runtime, settings: LivenessSettings | None = None
) -> LivenessChecker | None:
    """Opens the liveness networks of a pack; None for a pack without any.

    Raises:
        Conflict: PACK_MISSING, a file is not there.
        Fault: INFERENCE_FAILED, one does not compile.
    """
    entries = pack.manifest.of_role(ModelRole.LIVENESS)
    if not entries:
        return None
    models = tuple(
        LivenessModel(
            runtime.compile(
                pack.path_of(entry),
                input_name=entry.input.name,
                shape=(1, 3, entry.input.height_px, entry.input.width_px),
            ),
            entry,
        )
        for entry in entries
    )
    return LivenessChecker(models, settings or LivenessSettings())


def _real_probability(logits: NDArray[np.float32]) -> float:
    """Softmax of the real class; NaN where the network gave anything but numbers."""
    if not np.isfinite(logits).all():
        return float("nan")
    powers = np.exp(logits.astype(np.float64) - np.max(logits))
    return float(powers[REAL_CLASS] / powers.sum())
