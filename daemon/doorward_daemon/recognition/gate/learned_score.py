"""The pack's own quality score as the gate's, capped and explained by what is measured."""

import math

import numpy as np

from doorward_daemon.model.quality import QualityReason
from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.quality_score import Deduction, QualityScore, ScoredFace
from doorward_daemon.vision.quality import ComponentName

# A score of 0.95 has nothing to explain. What is missing to it, on the logistic scale, is shared out among complaints.
_NOTHING_TO_SAY = math.log(0.95 / 0.05)
_SYMPTOMS = (QualityReason.IDENTITY_LOST, QualityReason.DOUBTFUL_FACE)
# Points of the detector's doubt from which what the pixels do not explain is called no face rather than a lost one.
_DOUBTED = 2.0
# What a crop cannot show, because it was enlarged, or filled up with black, or because no pair of photos of one head
# from front and side was there to learn from: (component, reason, values, highest score there), linear in between.
YAW_CAPS = ((30.0, 40.0, 65.0, 75.0), (1.0, 0.78, 0.61, 0.39))
"""Turns of the head, degrees, and the highest score at each, linear in between."""
_CAPS = (
    (ComponentName.INTER_EYE_DISTANCE, QualityReason.FACE_TOO_SMALL, (10.0, 14.0, 18.0, 22.0), (0.39, 0.59, 0.79, 1.0)),
    (ComponentName.HEAD_POSE_YAW, QualityReason.YAW, *YAW_CAPS),
    (ComponentName.HEAD_POSE_PITCH, QualityReason.PITCH, (35.0, 45.0, 60.0), (1.0, 0.79, 0.39)),
    (ComponentName.FACE_INSIDE_PICTURE, QualityReason.FACE_CROPPED, (0.15, 0.24, 0.31, 0.38), (1.0, 0.79, 0.59, 0.39)),
)


class LearnedScore:
    """score = the pack's own, at most what size, pose and border allow.

    Args:
        components: rates what is measured: it says why a score is low, and is the score of a pack without one of its
            own and of a face that is not embedded.
    """

    def __init__(self, components: QualityScore) -> None:
        self._components = components

    def rate(self, evidence: FaceEvidence) -> ScoredFace:
        """Rates one face; falls with every complaint, never raises.

        Args:
            evidence: what is known.
        """
        rated = self._components.rate(evidence)
        if evidence.native_score is None:
            return rated
        native = min(1.0, max(0.0, evidence.native_score))
        caps = [(_cap(evidence, name, values, highest), reason) for name, reason, values, highest in _CAPS]
        cap, capped_by = min(caps, key=lambda item: item[0])
        found = [item for item in rated.deductions if item.reason not in _SYMPTOMS]
        doubt = sum(item.points for item in rated.deductions if item.reason is QualityReason.DOUBTFUL_FACE)
        symptom = QualityReason.DOUBTFUL_FACE if doubt >= _DOUBTED else QualityReason.IDENTITY_LOST
        explained = _explain(native, found, symptom)
        if cap < native:
            explained.append(Deduction(capped_by, _missing(cap)))
        return ScoredFace(min(native, cap), tuple(explained))


def _explain(score: float, found: list[Deduction], symptom: QualityReason) -> list[Deduction]:
    """Complaints worth together what is missing to a good score; what the pixels do not explain is the symptom."""
    missing = _missing(score)
    total = sum(item.points for item in found)
    share = min(1.0, missing / total) if total > 0.0 else 0.0
    explained = [Deduction(item.reason, item.points * share) for item in found]
    return [*explained, Deduction(symptom, max(0.0, missing - total))]


def _missing(score: float) -> float:
    bounded = min(1.0 - 1e-6, max(1e-6, score))
    return max(0.0, _NOTHING_TO_SAY - math.log(bounded / (1.0 - bounded)))


def _cap(evidence: FaceEvidence, name: ComponentName, values: tuple[float, ...], highest: tuple[float, ...]) -> float:
    value = evidence.value(name)
    if value is None:
        return 1.0
    return float(np.interp(abs(value), values, highest))
