"""PNG: the header, and whether the file is whole, read from its chunks without decoding."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from doorward_daemon.vision.picture.exif_orientation import UPRIGHT, read_orientation
from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"
"""The eight bytes every PNG begins with."""

_HEADER_LENGTH = 13
# Colour type -> (samples per pixel, allowed bit depths); PNG third edition, 11.2.1.
_COLOUR_TYPES = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# 8 MiB in chunks of 8 KiB are 1,024; a million empty chunks only keep a processor busy.
_MAX_CHUNKS = 10_000


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    end: int


def read_png_header(content: bytes) -> PictureHeader:
    """Reads size and layout from the IHDR chunk.

    Args:
        content: a file that begins with SIGNATURE.

    Raises:
        InvalidInput: PICTURE_DAMAGED, IHDR is missing, cut, or says what no PNG can be.

    Source: PNG third edition, 5.6 and 11.2.1.
    """
    start = len(SIGNATURE) + 8
    if content[len(SIGNATURE) : start] != struct.pack(">I4s", _HEADER_LENGTH, b"IHDR"):
        raise damaged(PictureFormat.PNG, "it does not begin with its header")
    if len(content) < start + _HEADER_LENGTH:
        raise damaged(PictureFormat.PNG, "its header is cut")
    width, height, depth, colour, *methods = struct.unpack_from(">IIBBBBB", content, start)
    channels, depths = _COLOUR_TYPES.get(colour, (0, ()))
    if depth not in depths or methods[:2] != [0, 0] or methods[2] > 1:
        raise damaged(PictureFormat.PNG, f"its header says colour type {colour} with {depth} bits, methods {methods}")
    return PictureHeader(PictureFormat.PNG, width, height, depth, channels)


def check_png_whole(content: bytes) -> int:
    """Walks all chunks to IEND and checks their sums.

    Args:
        content: a file whose header could be read.

    Returns:
        EXIF orientation, 1..8.

    Raises:
        InvalidInput: PICTURE_DAMAGED, a chunk is cut or its sum is wrong, or pixels or the end are missing.
    """
    orientation, headers, has_pixels = UPRIGHT, 0, False
    for chunk in _chunks(content):
        headers += chunk.kind == b"IHDR"
        has_pixels |= chunk.kind == b"IDAT"
        if chunk.kind == b"eXIf":
            orientation = read_orientation(content[chunk.start : chunk.end])
    if headers != 1 or not has_pixels:
        raise damaged(PictureFormat.PNG, "it needs one header and pixels")
    return orientation


def _chunks(content: bytes) -> Iterator[_Chunk]:
    position = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        chunk = _chunk_at(content, position)
        yield chunk
        if chunk.kind == b"IEND":
            return
        position = chunk.end + 4
    raise damaged(PictureFormat.PNG, f"it has more than {_MAX_CHUNKS} chunks")


def _chunk_at(content: bytes, position: int) -> _Chunk:
    start = position + 8
    end = start + int.from_bytes(content[position : position + 4], "big")
    if start > len(content) or end + 4 > len(content):
        raise damaged(PictureFormat.PNG, f"it is cut in the chunk at byte {position} of {len(content)}")
    found = zlib.crc32(memoryview(content)[position + 4 : end])
    if found != int.from_bytes(content[end : end + 4], "big"):
        raise damaged(PictureFormat.PNG, f"the sum of the chunk at byte {position} is wrong")
    return _Chunk(content[position + 4 : start], start, end)
