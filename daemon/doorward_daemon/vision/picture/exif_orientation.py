"""The EXIF orientation: how the stored pixels are to be turned so that the picture stands upright."""

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

UPRIGHT = 1
"""Orientation of a picture that needs no turning."""

_ORIENTATION_TAG = 0x0112
_SHORT = 3
_MAX_ENTRIES = 512


def read_orientation(exif: bytes) -> int:
    """Reads the orientation from an EXIF block; a block that cannot be read turns nothing.

    Args:
        exif: TIFF structure, with or without the `Exif` prefix.

    Returns:
        1..8; 1 where there is none or it is nonsense.

    Source: EXIF 2.32, tag 0x0112 in IFD0; TIFF 6.0 sections 2 and 8.
    """
    tiff = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return UPRIGHT
    try:
        return _find_orientation(tiff, order)
    except struct.error:
        return UPRIGHT


def _find_orientation(tiff: bytes, order: str) -> int:
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for index in range(min(count, _MAX_ENTRIES)):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * index)
        if tag == _ORIENTATION_TAG:
            return int(value) if kind == _SHORT and 1 <= value <= 8 else UPRIGHT
    return UPRIGHT


def turn_upright(bgr_hwc: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turns and mirrors stored pixels as the orientation asks.

    Args:
        bgr_hwc: (H, W, 3) uint8.
        orientation: 1..8.

    Returns:
        The same array for 1; otherwise a new one, (W, H, 3) for 5..8.

    Source: EXIF 2.32, table 6: 2 mirrored, 3 upside down, 4 both, 5 transposed, 6 turned right, 7 transverse, 8 left.
    """
    turned = cv2.transpose(bgr_hwc) if orientation >= 5 else bgr_hwc
    # What is left after the transposition is a flip: 1 about the vertical axis, 0 the horizontal one, -1 both.
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return np.asarray(turned if flip is None else cv2.flip(turned, flip), np.uint8)
