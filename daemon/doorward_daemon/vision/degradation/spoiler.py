"""Applies a degradation to a picture."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import blur, exposure
from doorward_daemon.vision.degradation.degradation import Degradation, DegradationKind
from doorward_daemon.vision.degradation.occlusion import cover

_Spoiler = Callable[[NDArray[np.uint8], Face, float, np.random.Generator], NDArray[np.uint8]]

_SPOILERS: MappingProxyType[DegradationKind, _Spoiler] = MappingProxyType(
    {
        DegradationKind.DEFOCUS: lambda bgr, face, severity, _: blur.defocus(bgr, _inter_eye_px(face), severity),
        DegradationKind.MOTION_BLUR: lambda bgr, face, severity, rng: blur.motion_blur(
            bgr, _inter_eye_px(face), severity, rng
        ),
        DegradationKind.LOW_LIGHT: lambda bgr, _, severity, rng: exposure.low_light(bgr, severity, rng),
        DegradationKind.OVER_EXPOSURE: lambda bgr, _, severity, __: exposure.over_exposure(bgr, severity),
        DegradationKind.NOISE: lambda bgr, _, severity, rng: exposure.noise(bgr, severity, rng),
        DegradationKind.LOW_RESOLUTION: lambda bgr, face, severity, _: blur.low_resolution(
            bgr, _inter_eye_px(face), severity
        ),
        DegradationKind.COMPRESSION: lambda bgr, _, severity, __: blur.compression(bgr, severity),
        DegradationKind.OCCLUSION: cover,
    }
)


def spoil(picture: Picture, face: Face, degradation: Degradation) -> Picture:
    """Makes a spoiled copy of a picture.

    Args:
        picture: the good one; unchanged.
        face: the face it is about: strengths are measured by its eyes, covers placed on its box.
        degradation: what to do.
    """
    rng = np.random.default_rng(degradation.seed)
    return Picture(_SPOILERS[degradation.kind](picture.bgr_hwc, face, degradation.severity, rng))


def _inter_eye_px(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks_px[1] - face.landmarks_px[0]))
