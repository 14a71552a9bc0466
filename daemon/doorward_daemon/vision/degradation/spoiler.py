"""Applies a degradation to a picture."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import blur, exposure, surroundings
from doorward_daemon.vision.degradation.degradation import Degradation, DegradationKind
from doorward_daemon.vision.degradation.drawing import draw
from doorward_daemon.vision.degradation.occlusion import cover, wear_mask
from doorward_daemon.vision.degradation.turn import turn_head

_Pixels = NDArray[np.uint8]
_Spoiler = Callable[[_Pixels, Face, float, np.random.Generator], _Pixels]
_Kind = DegradationKind

_SPOILERS: MappingProxyType[DegradationKind, _Spoiler] = MappingProxyType(
    {
        _Kind.DEFOCUS: lambda bgr, face, severity, _: blur.defocus(bgr, _eyes_px(face), severity),
        _Kind.MOTION_BLUR: lambda bgr, face, severity, rng: blur.motion_blur(bgr, _eyes_px(face), severity, rng),
        _Kind.LOW_LIGHT: lambda bgr, _, severity, rng: exposure.low_light(bgr, severity, rng),
        _Kind.OVER_EXPOSURE: lambda bgr, _, severity, __: exposure.over_exposure(bgr, severity),
        _Kind.NOISE: lambda bgr, _, severity, rng: exposure.noise(bgr, severity, rng),
        _Kind.LOW_RESOLUTION: lambda bgr, face, severity, _: blur.low_resolution(bgr, _eyes_px(face), severity),
        _Kind.COMPRESSION: lambda bgr, _, severity, __: blur.compression(bgr, severity),
        _Kind.OCCLUSION: cover,
        _Kind.MASK: wear_mask,
        _Kind.PROFILE: turn_head,
        _Kind.DRAWING: lambda bgr, face, severity, rng: draw(bgr, _eyes_px(face), severity, rng),
        _Kind.RECAPTURE: lambda bgr, face, severity, rng: surroundings.recapture(bgr, _eyes_px(face), severity, rng),
        _Kind.ELASTIC: lambda bgr, face, severity, rng: surroundings.elastic(bgr, _eyes_px(face), severity, rng),
        _Kind.HAZE: lambda bgr, _, severity, rng: surroundings.haze(bgr, severity, rng),
        _Kind.NEGATIVE: lambda bgr, _, severity, __: surroundings.negative(bgr, severity),
        _Kind.SIDE_SHADOW: surroundings.side_shadow,
    }
)


def spoil(picture: Picture, face: Face, degradation: Degradation) -> Picture:
    """Makes a spoiled copy of a picture.

    Args:
        picture: the good one; unchanged.
        face: the face it is about: strengths are measured by its eyes, covers placed on its box.
        degradation: what to do; one of the kinds that change pixels, `misplace` has the others.

    Raises:
        ValueError: the kind moves the face, not the pixels.
    """
    spoiler = _SPOILERS.get(degradation.kind)
    if spoiler is None:
        raise ValueError(f"{degradation.kind} moves the face, not the pixels: use misplace")
    rng = np.random.default_rng(degradation.seed)
    return Picture(spoiler(picture.bgr_hwc, face, degradation.severity, rng))


def _eyes_px(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks_px[1] - face.landmarks_px[0]))
