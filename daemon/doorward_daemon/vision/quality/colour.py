"""Natural colour: whether the cheeks have the colour of skin, of any person, in any white light."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.quality.component import ComponentName, component, logistic
from doorward_daemon.vision.quality.face_region import CHEEKS, FaceRegion

# CIELAB of skin: a* 5..25, b* 5..35; what has no red or no yellow at all is as far away as can be.
_RED, _YELLOW = (5.0, 25.0), (5.0, 35.0)
_FAR = 100.0


def measure_natural_colour(bgr_hwc: NDArray[np.uint8], region: FaceRegion) -> QualityComponent:
    """Measures how far the mean colour of the cheeks is from that of skin; grey and infrared pictures are far.

    Args:
        bgr_hwc: (112, 112, 3) uint8, the aligned crop.
        region: which of its pixels are face; not assessed where part of the face lies outside the picture.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: distance of mean a*, b* from a box, 200 * (1 - S(x; 0, 10)), S the
        logistic; on 8-bit CIELAB and our place of the cheeks.
    """
    distance = math.nan
    if region.outside_share == 0.0:
        cheeks = np.concatenate([bgr_hwc[rows, columns] for rows, columns in CHEEKS])
        # 8-bit CIELAB: a* and b* shifted by 128.
        _, red, yellow, _ = cv2.mean(cv2.cvtColor(cheeks, cv2.COLOR_BGR2Lab))
        distance = distance_to_skin(red - 128.0, yellow - 128.0)
    return component(
        ComponentName.NATURAL_COLOUR, "natural_colour", distance, lambda x: 200 * (1.0 - logistic(x, 0.0, 10.0))
    )


def distance_to_skin(red: float, yellow: float) -> float:
    """Distance of a colour from the box of skin colours, CIELAB units.

    Args:
        red: a*.
        yellow: b*.
    """
    if red < 0.0 or yellow < 0.0:
        return _FAR
    return math.hypot(_beyond(red, *_RED), _beyond(yellow, *_YELLOW))


def _beyond(value: float, low: float, high: float) -> float:
    return max(low - value, value - high, 0.0)
