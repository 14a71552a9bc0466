"""The regular pattern of a screen's pixels in the face: a cue that needs no network, for screens held too close."""

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessCue

LUMINANCE_ID, COLOUR_ID = "doorward.screen_pattern_luminance.1", "doorward.screen_pattern_colour.1"
"""Names of the two cues."""

# Above every living face that `doorward_export measure-cues` looks at, whatever its compression, scale and noise; the
# strongest wore patterned masks (ADR 16).
_LUMINANCE_LIMIT, _COLOUR_LIMIT = 3.0, 2.3
_SIDE_PX = 128
# Cycles per pixel: below, features and light of a face; the corners beyond a half hold diagonals only.
_LOWEST, _HIGHEST = 0.06, 0.5
# Blocks of a JPEG, and pixels that were repeated, repeat along rows and columns; few screens are held that straight.
_OFF_AXIS = 2
_RINGS_PER_CYCLE = 64


def _hann(length: int) -> NDArray[np.float32]:
    return np.hanning(length + 2)[1:-1].astype(np.float32)


_WINDOW = np.outer(_hann(_SIDE_PX), _hann(_SIDE_PX))
_DOWN, _ALONG = np.abs(np.fft.fftfreq(_SIDE_PX, 1 / _SIDE_PX))[:, None], np.arange(_SIDE_PX // 2 + 1)[None, :]
_FREQUENCY = np.hypot(_DOWN, _ALONG) / _SIDE_PX
_BINS = np.flatnonzero((_FREQUENCY >= _LOWEST) & (_FREQUENCY < _HIGHEST) & (_DOWN >= _OFF_AXIS) & (_ALONG >= _OFF_AXIS))
_RING = (_FREQUENCY.ravel()[_BINS] * _RINGS_PER_CYCLE).astype(np.intp)
_RING_SIZE = np.maximum(np.bincount(_RING), 1)
# Blue, green, red to luminance (ITU-R BT.601) and to red less green.
_PLANES = np.array([[0.114, 0.587, 0.299], [0.0, -1.0, 1.0]], np.float32)


def find_screen_pattern(bgr_hwc: NDArray[np.uint8], face: Face) -> tuple[LivenessCue, ...]:
    """How far the strongest regular pattern in the middle of the face stands out of what has its fineness.

    The stripes and gaps of a screen's pixels, and their beat with the camera's, are one sharp peak in the spectrum, off
    its axes since nobody holds a screen that straight; skin, hair and noise are not. Its luminance and its colour are
    looked at apart: the stripes are coloured, but a camera that compresses keeps little of fine colours.

    Args:
        bgr_hwc: (H, W, 3) uint8, the whole picture.
        face: the face.

    Returns:
        Two cues, decades of power over the geometric mean at the same frequency, 0 and more, higher = more like a
        screen; none where 128 x 128 pixels around the middle of the face do not fit into the picture.

    Source: periodic patterns of recaptured screens in the spectrum: Garcia and de Queiroz, Face-spoofing 2D-detection
        based on Moire-pattern analysis, IEEE TIFS 10(4), 2015. Window, rings and limits are our own.
    """
    patch = middle_of(bgr_hwc, face)
    if patch is None:
        return ()
    # One plane behind the other in memory: strided, the rest takes twice as long.
    planes = np.stack(cv2.split(cv2.transform(patch.astype(np.float32), _PLANES)))
    spectra = np.fft.rfft2((planes - planes.mean(axis=(1, 2), keepdims=True)) * _WINDOW)
    luminance, colour = (_prominence(spectrum) for spectrum in spectra)
    return (
        LivenessCue(LUMINANCE_ID, round(luminance, 3), _LUMINANCE_LIMIT),
        LivenessCue(COLOUR_ID, round(colour, 3), _COLOUR_LIMIT),
    )


def middle_of(bgr_hwc: NDArray[np.uint8], face: Face) -> NDArray[np.uint8] | None:
    """The pixels that are looked at.

    Args:
        bgr_hwc: (H, W, 3) uint8, the whole picture.
        face: the face.

    Returns:
        (128, 128, 3) uint8 around the middle of the face; None where they do not fit into the picture.
    """
    height, width = bgr_hwc.shape[:2]
    if min(height, width) < _SIDE_PX or not np.isfinite(face.xyxy_px).all():
        return None
    left = _begin(float(face.xyxy_px[0] + face.xyxy_px[2]) / 2, width)
    top = _begin(float(face.xyxy_px[1] + face.xyxy_px[3]) / 2, height)
    return bgr_hwc[top : top + _SIDE_PX, left : left + _SIDE_PX]


def _begin(centre: float, length: int) -> int:
    return int(min(max(0.0, centre - _SIDE_PX / 2), float(length - _SIDE_PX)))


def _prominence(spectrum: NDArray[np.complexfloating]) -> float:
    chosen = spectrum.ravel()[_BINS]
    # One grey value squared: below it there is nothing but rounding, and nothing stands out of that.
    decades = np.log10((chosen.real**2 + chosen.imag**2) / _SIDE_PX**2 + 1.0)
    around = np.bincount(_RING, decades) / _RING_SIZE
    return float((decades - around[_RING]).max())
