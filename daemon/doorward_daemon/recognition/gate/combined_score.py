"""The first quality score: measured components, detection score and embedding norm, combined by a logistic model."""

import math
from dataclasses import dataclass

from doorward_daemon.model.quality import QualityReason
from doorward_daemon.packs.manifest import Calibration
from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.quality_score import Deduction, ScoredFace
from doorward_daemon.vision.quality import ComponentName, logistic

FITTED_CONSTANTS = {
    "base": 3.7,
    "detection_good": 0.93,
    "detection_bad": 0.6,
    "detection_points": 4.2,
    "sharpness_good": 2.0,
    "sharpness_points": 5.3,
    "dynamic_range_points": 1.35,
}
"""Constants a pack may set in `calibration.quality`, with the values of the compact pack.

Fitted (non-negative logistic regression) to whether the embedding of a degraded copy keeps cosine 0.4 to the clean
portrait, soft by 0.08: 7,700 copies of 1,281 portraits in eight kinds of degradation, and 740 crops without a face.
"""

# One octave (halving) below good nothing is left to lose.
_SHARPNESS_OCTAVES = 1.0
_DYNAMIC_RANGE_BITS = (6.0, 1.5)
# Side of the eye line in the crop: a face of fewer pixels is enlarged, and looks blurred in any focus.
_CROP_INTER_EYE_PX = 35.0
# Sharpness of a well-focused face by its share of those pixels, from portraits made smaller: 1 + 1.4 * share^0.6.
_FOCUS_GAIN, _FOCUS_EXPONENT = 1.4, 0.6
_MEAN_DARK, _MEAN_BRIGHT = 0.12, 0.6


@dataclass(frozen=True, slots=True)
class _Slope:
    """Points that rise linearly from 0 at `good` to all of them at `bad` and beyond."""

    good: float
    bad: float
    points: float

    def __call__(self, value: float) -> float:
        return self.points * min(1.0, max(0.0, (value - self.good) / (self.bad - self.good)))


# Chosen, not fitted: degradation leaves the pose as it is, so copies say nothing of it, and the rest is seldom. The
# numbers keep clean portraits of all poses in their band and let the complaint appear where a person would see it.
_CHOSEN = (
    (QualityReason.YAW, ComponentName.HEAD_POSE_YAW, _Slope(30.0, 75.0, 1.0)),
    (QualityReason.PITCH, ComponentName.HEAD_POSE_PITCH, _Slope(20.0, 50.0, 1.5)),
    (QualityReason.ROLL, ComponentName.HEAD_POSE_ROLL, _Slope(20.0, 60.0, 1.0)),
    (QualityReason.FACE_CROPPED, ComponentName.FACE_INSIDE_PICTURE, _Slope(0.3, 0.6, 1.5)),
    (QualityReason.TOO_DARK, ComponentName.UNDER_EXPOSURE_PREVENTION, _Slope(0.8, 1.0, 0.7)),
    (QualityReason.TOO_BRIGHT, ComponentName.OVER_EXPOSURE_PREVENTION, _Slope(0.3, 0.9, 1.0)),
    (QualityReason.UNEVEN_LIGHT, ComponentName.ILLUMINATION_UNIFORMITY, _Slope(0.1, 0.0, 0.5)),
)


class CombinedScore:
    """score = logistic(base - sum of points); points of every complaint rise with how bad it is.

    Args:
        calibration: norms of the pack, their weight, and constants that differ from FITTED_CONSTANTS.
    """

    def __init__(self, calibration: Calibration) -> None:
        fitted = FITTED_CONSTANTS | dict(calibration.quality)
        self._base = fitted["base"]
        doubts = (_doubt(fitted["detection_good"]), _doubt(fitted["detection_bad"]))
        self._detection = _Slope(*doubts, fitted["detection_points"])
        self._sharpness_good = fitted["sharpness_good"]
        self._sharpness_points = fitted["sharpness_points"]
        self._dynamic_range = _Slope(*_DYNAMIC_RANGE_BITS, fitted["dynamic_range_points"])
        self._norm_reference = calibration.norm_reference
        self._norm_span = calibration.norm_reference - calibration.norm_lost
        self._norm_points = calibration.norm_weight

    def rate(self, evidence: FaceEvidence) -> ScoredFace:
        """Rates one face.

        Args:
            evidence: what is known; the norm counts once the face is embedded.
        """
        deductions = (
            *self._chosen(evidence),
            *self._blur(evidence),
            self._contrast(evidence),
            Deduction(QualityReason.DOUBTFUL_FACE, self._detection(_doubt(evidence.detection_score))),
            Deduction(QualityReason.IDENTITY_LOST, self._lost_norm(evidence.embedding_norm)),
        )
        evidence_left = self._base - sum(deduction.points for deduction in deductions)
        return ScoredFace(logistic(evidence_left, 0.0, 1.0), deductions)

    def _chosen(self, evidence: FaceEvidence) -> list[Deduction]:
        return [
            Deduction(reason, slope(abs(value)))
            for reason, name, slope in _CHOSEN
            if (value := evidence.value(name)) is not None
        ]

    def _blur(self, evidence: FaceEvidence) -> tuple[Deduction, ...]:
        sharpness = evidence.value(ComponentName.SHARPNESS)
        if sharpness is None:
            # Only a face that lies outside the picture for the most part has no sharpness.
            return (Deduction(QualityReason.FACE_CROPPED, self._sharpness_points * _SHARPNESS_OCTAVES),)
        lost = self._lost_sharpness(sharpness)
        by_size = min(lost, self._lost_sharpness(self._sharpness_in_focus(evidence)))
        return Deduction(QualityReason.FACE_TOO_SMALL, by_size), Deduction(QualityReason.BLUR, lost - by_size)

    def _lost_sharpness(self, sharpness: float) -> float:
        octaves = math.log2(self._sharpness_good / max(sharpness, 1e-3))
        return self._sharpness_points * min(_SHARPNESS_OCTAVES, max(0.0, octaves))

    def _sharpness_in_focus(self, evidence: FaceEvidence) -> float:
        inter_eye_px = evidence.value(ComponentName.INTER_EYE_DISTANCE) or 0.0
        share = min(1.0, max(0.0, inter_eye_px / _CROP_INTER_EYE_PX))
        return 1.0 + _FOCUS_GAIN * math.pow(share, _FOCUS_EXPONENT)

    def _contrast(self, evidence: FaceEvidence) -> Deduction:
        shades = evidence.value(ComponentName.DYNAMIC_RANGE)
        mean = evidence.value(ComponentName.LUMINANCE_MEAN)
        points = 0.0 if shades is None else self._dynamic_range(shades)
        if mean is not None and mean < _MEAN_DARK:
            return Deduction(QualityReason.TOO_DARK, points)
        if mean is not None and mean > _MEAN_BRIGHT:
            return Deduction(QualityReason.TOO_BRIGHT, points)
        return Deduction(QualityReason.LOW_CONTRAST, points)

    def _lost_norm(self, norm: float | None) -> float:
        if norm is None or self._norm_points == 0.0:
            return 0.0
        # Up to twice the way from a clean portrait to an even chance; far below there is no face.
        return self._norm_points * min(2.0, max(0.0, (self._norm_reference - norm) / self._norm_span))


def _doubt(detection_score: float) -> float:
    # Detectors crowd near 1: what counts is by how many times the rest to 1 has grown.
    return math.log(max(1.0 - detection_score, 1e-6))
