"""Names of the components and the mapping of what was measured to 0..100."""

import math
from collections.abc import Callable
from enum import StrEnum

from doorward_daemon.model.quality import QualityComponent

NOT_ASSESSED = -1
"""Score of a component that could not be measured."""


class ComponentName(StrEnum):
    """The components that are measured, by the names of ISO/IEC 29794-5 as its reference implementation spells them."""

    INTER_EYE_DISTANCE = "InterEyeDistance"
    HEAD_POSE_YAW = "HeadPoseYaw"
    HEAD_POSE_PITCH = "HeadPosePitch"
    HEAD_POSE_ROLL = "HeadPoseRoll"
    SINGLE_FACE_PRESENT = "SingleFacePresent"
    LEFTWARD_CROP = "LeftwardCropOfTheFaceImage"
    RIGHTWARD_CROP = "RightwardCropOfTheFaceImage"
    MARGIN_ABOVE = "MarginAboveOfTheFaceImage"
    MARGIN_BELOW = "MarginBelowOfTheFaceImage"
    FACE_INSIDE_PICTURE = "FaceInsidePicture"
    """Not in the standard: how much of the aligned face lies inside the picture."""
    UNDER_EXPOSURE_PREVENTION = "UnderExposurePrevention"
    OVER_EXPOSURE_PREVENTION = "OverExposurePrevention"
    DYNAMIC_RANGE = "DynamicRange"
    LUMINANCE_MEAN = "LuminanceMean"
    LUMINANCE_VARIANCE = "LuminanceVariance"
    ILLUMINATION_UNIFORMITY = "IlluminationUniformity"
    SHARPNESS = "Sharpness"
    HEAD_SIZE = "HeadSize"
    NATURAL_COLOUR = "NaturalColour"
    FINE_DETAIL = "FineDetail"
    """Not in the standard: whether the face has the detail that its size promises."""


def component(
    name: ComponentName, algorithm: str, native_value: float, mapping: Callable[[float], float]
) -> QualityComponent:
    """Makes a component; what cannot be measured or mapped gets score -1 and value 0.

    Args:
        name: the standard's name.
        algorithm: our algorithm, without prefix and version.
        native_value: what was measured; NaN where it could not be.
        mapping: from the native value to 0..100, may overshoot.
    """
    algorithm_id = f"doorward.{algorithm}.1"
    if not math.isfinite(native_value):
        return QualityComponent(name.value, algorithm_id, 0.0, NOT_ASSESSED)
    score = min(100, max(0, round(mapping(native_value))))
    return QualityComponent(name.value, algorithm_id, float(native_value), score)


def logistic(value: float, midpoint: float, width: float) -> float:
    """1 / (1 + exp((midpoint - value) / width)), without overflow.

    Args:
        value: what was measured.
        midpoint: where the result is 0.5.
        width: positive; the result rises from 0.27 to 0.73 within one width on both sides of the midpoint.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: Q = h * (a + s / (1 + exp((x0 - x) / w))).
    """
    return 0.5 * (1.0 + math.tanh(0.5 * (value - midpoint) / width))
