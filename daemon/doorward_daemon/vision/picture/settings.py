"""Limits in front of the picture decoder."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """What a picture may be at most; checked from its header, before memory is taken for its pixels."""

    max_bytes: Annotated[int, Interval(ge=1024, le=64 * 1024 * 1024)] = 8 * 1024 * 1024
    """Bytes of the encoded picture."""
    max_pixels: Annotated[int, Interval(ge=1024, le=100_000_000)] = 16_000_000
    """Width times height; decoding takes up to 12 bytes per pixel (progressive JPEG)."""
    max_side_px: Annotated[int, Interval(ge=32, le=65_535)] = 16_384
    """Longest width or height, pixels."""
