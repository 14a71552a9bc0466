"""Photos as a camera at a gate would give them: in the middle of a frame of its size."""

import re
from pathlib import Path

import cv2
import numpy as np

_JPEG_QUALITY = 90


def read_size(text: str) -> tuple[int, int]:
    """Width and height, pixels, of `WIDTHxHEIGHT`.

    Raises:
        ValueError: it is something else, or a size no camera has.
    """
    found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text)
    if found is None:
        raise ValueError(f"--frame: expected WIDTHxHEIGHT, e.g. 640x480, found {text!r}")
    return int(found[1]), int(found[2])


def put_in_frame(photo: Path, size_px: tuple[int, int], folder: Path) -> Path:
    """Writes the photo into a frame; its border goes on to the edge of the frame, and shows no further face.

    Args:
        photo: a picture; a larger one is shrunk until it fits.
        size_px: width and height of the frame.
        folder: gets the frame, as JPEG.

    Raises:
        ValueError: it is no picture.
    """
    picture = cv2.imdecode(np.frombuffer(photo.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{photo}: no picture")
    width, height = size_px
    scale = min(1.0, width / picture.shape[1], height / picture.shape[0])
    if scale < 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top = (width - picture.shape[1]) // 2, (height - picture.shape[0]) // 2
    right, bottom = width - picture.shape[1] - left, height - picture.shape[0] - top
    frame = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_REPLICATE)
    target = folder / f"{photo.parent.name}-{photo.stem}.jpg"
    cv2.imwrite(str(target), frame, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return target
