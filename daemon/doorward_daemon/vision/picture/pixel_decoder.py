"""Turns the bytes of a checked picture into pixels: OpenCV for JPEG, the hot path; Pillow for all else."""

import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged

# Behind transparent pixels: mid grey makes neither an exposure nor an edge a face would be judged by.
_BACKGROUND_RGB = (128, 128, 128)
# The classes themselves: Image.open would search a registry that any import may have added to.
_PILLOW: dict[PictureFormat, type[ImageFile.ImageFile]] = {
    PictureFormat.PNG: PngImageFile,
    PictureFormat.WEBP: WebPImageFile,
    PictureFormat.BMP: BmpImageFile,
}
# What Pillow's readers raise on damaged files, found by fuzzing them.
_PILLOW_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError, struct.error, zlib.error,
)  # fmt: skip


def decode_pixels(content: bytes, header: PictureHeader) -> NDArray[np.uint8]:
    """Decodes a picture whose header and structure have been checked.

    Colour profiles and gamma are not applied. CMYK is read as Adobe writes it: 255 = no ink. 16-bit samples keep their
    high byte. Alpha is laid over mid grey.

    Args:
        content: the encoded picture.
        header: its header.

    Returns:
        (H, W, 3) uint8, BGR, as stored: orientation not applied.

    Raises:
        InvalidInput: PICTURE_DAMAGED, the decoder gives up, or gives another size than the header announced.
    """
    is_jpeg = header.format is PictureFormat.JPEG
    bgr = _decode_jpeg(content) if is_jpeg else _decode_with_pillow(content, header)
    if bgr.shape != (header.height_px, header.width_px, 3):
        raise damaged(header.format, f"it decodes to {bgr.shape[1]} x {bgr.shape[0]} pixels")
    return bgr


def _decode_jpeg(content: bytes) -> NDArray[np.uint8]:
    # OpenCV reports what it cannot read on stderr as well; our answer is the typed error.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        bgr = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error as error:
        raise damaged(PictureFormat.JPEG, "it cannot be decoded") from error
    if bgr is None:
        raise damaged(PictureFormat.JPEG, "it cannot be decoded")
    return np.asarray(bgr, np.uint8)


def _decode_with_pillow(content: bytes, header: PictureHeader) -> NDArray[np.uint8]:
    try:
        with _PILLOW[header.format](BytesIO(content)) as image:
            if image.size != (header.width_px, header.height_px):
                raise damaged(header.format, f"it opens with {image.width} x {image.height} pixels")
            image.load()
            rgb = np.asarray(_to_rgb(image))
    except _PILLOW_ERRORS as error:
        raise damaged(header.format, f"it cannot be decoded ({error})") from error
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey; Pillow would cut at 255 instead of scaling.
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        background = Image.new("RGB", image.size, _BACKGROUND_RGB)
        background.paste(rgba, mask=rgba.getchannel("A"))
        return background
    return image.convert("RGB")
