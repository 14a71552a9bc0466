"""Reads and judges the header of a picture: which format, how large, whether it may be decoded."""

from doorward_daemon.vision.picture import bmp_structure, jpeg_structure, png_structure, webp_structure
from doorward_daemon.vision.picture.exif_orientation import UPRIGHT
from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged, empty, too_many_bytes, too_many_pixels, unsupported
from doorward_daemon.vision.picture.settings import PictureSettings

# Named so that the sender learns what was wrong; anything else is just no picture.
_FOREIGN_SIGNATURES = {
    b"GIF8": "a GIF",
    b"II*\x00": "a TIFF",
    b"MM\x00*": "a TIFF",
    b"\x00\x00\x00\x0cJXL": "a JPEG XL",
    b"\x00\x00\x00\x0cjP": "a JPEG 2000",
    b"%PDF": "a PDF",
}


def read_header(content: bytes, settings: PictureSettings) -> PictureHeader:
    """Reads the header and checks it against the limits; cost and memory do not depend on the announced size.

    Args:
        content: the encoded picture.
        settings: the limits.

    Raises:
        InvalidInput: PICTURE_EMPTY, PICTURE_TOO_LARGE, PICTURE_UNSUPPORTED, PICTURE_DAMAGED (header cut or impossible).
    """
    if not content:
        raise empty()
    if len(content) > settings.max_bytes:
        raise too_many_bytes(len(content), settings)
    header = _read(content)
    if header.width_px < 1 or header.height_px < 1:
        raise damaged(header.format, f"its size is {header.width_px} x {header.height_px} pixels")
    pixels = header.width_px * header.height_px
    if pixels > settings.max_pixels or max(header.width_px, header.height_px) > settings.max_side_px:
        raise too_many_pixels(header, settings)
    return header


def check_whole(content: bytes, header: PictureHeader) -> int:
    """Checks that the file is complete, without decoding it.

    Args:
        content: the encoded picture.
        header: its header.

    Returns:
        EXIF orientation, 1..8.

    Raises:
        InvalidInput: PICTURE_DAMAGED, something is missing or contradicts the header.
    """
    match header.format:
        case PictureFormat.JPEG:
            return jpeg_structure.check_jpeg_whole(content)
        case PictureFormat.PNG:
            return png_structure.check_png_whole(content)
        case PictureFormat.WEBP:
            return webp_structure.check_webp_whole(content, header)
        case PictureFormat.BMP:
            bmp_structure.check_bmp_whole(content, header)
            return UPRIGHT


def _read(content: bytes) -> PictureHeader:
    if content.startswith(jpeg_structure.SIGNATURE):
        return jpeg_structure.read_jpeg_header(content)
    if content.startswith(png_structure.SIGNATURE):
        return png_structure.read_png_header(content)
    if webp_structure.is_webp(content):
        return webp_structure.read_webp_header(content)
    if content.startswith(bmp_structure.SIGNATURE):
        return bmp_structure.read_bmp_header(content)
    for signature, name in _FOREIGN_SIGNATURES.items():
        if content.startswith(signature):
            raise unsupported(name)
    raise unsupported("no picture of a known format")
