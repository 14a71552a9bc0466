"""What a picture says about itself before it is decoded."""

from dataclasses import dataclass
from enum import StrEnum


class PictureFormat(StrEnum):
    """The encodings that are accepted."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    BMP = "BMP"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Facts of the header; nothing in it has been checked against the pixels yet."""

    format: PictureFormat
    """Encoding."""
    width_px: int
    """Width as stored, before rotation."""
    height_px: int
    """Height as stored, before rotation."""
    bit_depth: int
    """Bits per sample, per palette index for a palette."""
    channels: int
    """Samples per stored pixel: 1 grey or palette, 2 grey with alpha, 3 colour, 4 colour with alpha or CMYK."""
