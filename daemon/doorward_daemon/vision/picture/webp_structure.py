"""WebP: the header, and whether the file is whole, read from its chunks without decoding."""

from collections.abc import Iterator
from dataclasses import dataclass

from doorward_daemon.vision.picture.exif_orientation import UPRIGHT, read_orientation
from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged, unsupported

SIGNATURE_LENGTH = 12
"""`RIFF`, the length of the rest, `WEBP`."""

_ANIMATION_FLAG, _ALPHA_FLAG = 0x02, 0x10
_MAX_CHUNKS = 1_000


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    end: int


def is_webp(content: bytes) -> bool:
    """Whether a file begins like a WebP."""
    return content[:4] == b"RIFF" and content[8:SIGNATURE_LENGTH] == b"WEBP"


def read_webp_header(content: bytes) -> PictureHeader:
    """Reads size and layout from the first chunk.

    Args:
        content: a file that begins like a WebP.

    Raises:
        InvalidInput: PICTURE_DAMAGED, the chunk is cut or unknown; PICTURE_UNSUPPORTED, an animation.

    Source: RFC 9649, 2.5 to 2.7; RFC 6386, 9.1 (VP8 frame header).
    """
    chunk = _chunk_at(content, SIGNATURE_LENGTH, checked=False)
    data = content[chunk.start : chunk.start + 10]
    if chunk.kind == b"VP8X" and len(data) == 10:
        if data[0] & _ANIMATION_FLAG:
            raise unsupported("an animated WebP")
        channels = 4 if data[0] & _ALPHA_FLAG else 3
        width, height = int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
        return PictureHeader(PictureFormat.WEBP, width, height, 8, channels)
    return _frame_header(chunk.kind, data)


def check_webp_whole(content: bytes, header: PictureHeader) -> int:
    """Walks all chunks to the announced end.

    Args:
        content: a file whose header could be read.
        header: that header; the frame inside must have its size, for it is the frame that takes memory.

    Returns:
        EXIF orientation, 1..8.

    Raises:
        InvalidInput: PICTURE_DAMAGED, bytes are missing, or the picture inside has another size.
    """
    orientation, frames = UPRIGHT, 0
    for chunk in _chunks(content):
        if chunk.kind == b"EXIF":
            orientation = read_orientation(content[chunk.start : chunk.end])
        if chunk.kind in (b"VP8 ", b"VP8L"):
            frames += 1
            frame = _frame_header(chunk.kind, content[chunk.start : chunk.start + 10])
            if (frame.width_px, frame.height_px) != (header.width_px, header.height_px):
                raise damaged(PictureFormat.WEBP, f"its frame has {frame.width_px} x {frame.height_px} pixels")
    if frames != 1:
        raise damaged(PictureFormat.WEBP, f"it has {frames} frames, expected one")
    return orientation


def _frame_header(kind: bytes, data: bytes) -> PictureHeader:
    if kind == b"VP8 " and len(data) == 10 and data[3:6] == b"\x9d\x01\x2a":
        width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        return PictureHeader(PictureFormat.WEBP, width & 0x3FFF, height & 0x3FFF, 8, 3)
    if kind == b"VP8L" and len(data) >= 5 and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        channels = 4 if bits >> 28 & 1 else 3
        return PictureHeader(PictureFormat.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, 8, channels)
    raise damaged(PictureFormat.WEBP, "its first frame cannot be read")


def _chunks(content: bytes) -> Iterator[_Chunk]:
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise damaged(PictureFormat.WEBP, f"it has {len(content)} bytes of the {end} it announces")
    position = SIGNATURE_LENGTH
    for _ in range(_MAX_CHUNKS):
        if position >= end:
            return
        chunk = _chunk_at(content, position)
        yield chunk
        position = chunk.end + (chunk.end - chunk.start) % 2
    raise damaged(PictureFormat.WEBP, f"it has more than {_MAX_CHUNKS} chunks")


def _chunk_at(content: bytes, position: int, *, checked: bool = True) -> _Chunk:
    start = position + 8
    end = start + int.from_bytes(content[position + 4 : start], "little")
    if start > len(content) or (checked and end > len(content)):
        raise damaged(PictureFormat.WEBP, f"it is cut in the chunk at byte {position} of {len(content)}")
    return _Chunk(content[position : position + 4], start, end)
