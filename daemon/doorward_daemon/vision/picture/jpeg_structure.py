"""JPEG: the header, and whether the file is whole, read from its markers without decoding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from doorward_daemon.vision.picture.exif_orientation import UPRIGHT, read_orientation
from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged, unsupported

SIGNATURE = b"\xff\xd8"
"""Start of image; every JPEG begins with it."""

_EOI, _SOS, _APP1 = 0xD9, 0xDA, 0xE1
_DECODABLE_FRAMES = {0xC0: "baseline", 0xC1: "extended sequential", 0xC2: "progressive"}
# C4, C8 and CC are tables and extensions, all others of C0..CF begin a frame.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that stand alone: TEM and the restart markers; none of them belongs between segments.
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
# Entropy-coded data runs to the next marker that is no stuffed zero, no restart marker and no fill byte.
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MAX_SEGMENTS = 10_000
# Every scan makes the decoder walk the whole picture; encoders write about ten, a decoder bomb thousands.
_MAX_SCANS = 64


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    end: int


def read_jpeg_header(content: bytes) -> PictureHeader:
    """Reads size and layout from the frame header.

    Args:
        content: a file that begins with SIGNATURE.

    Raises:
        InvalidInput: PICTURE_DAMAGED, no frame header is found; PICTURE_UNSUPPORTED, a kind that is not decoded.

    Source: ITU-T T.81, B.2.2.
    """
    for segment in _segments(content):
        if segment.marker in _FRAMES:
            return _frame_header(content, segment)
        if segment.marker in (_SOS, _EOI):
            break
    raise damaged(PictureFormat.JPEG, "its pixels begin before its frame header")


def check_jpeg_whole(content: bytes) -> int:
    """Walks the file to its end-of-image marker.

    Args:
        content: a file whose header could be read.

    Returns:
        EXIF orientation, 1..8.

    Raises:
        InvalidInput: PICTURE_DAMAGED, a segment is cut, a second frame begins, or the end never comes.
    """
    orientation, frames, scans = UPRIGHT, 0, 0
    for segment in _segments(content):
        if segment.marker == _APP1 and content.startswith(b"Exif\x00\x00", segment.start):
            orientation = read_orientation(content[segment.start : segment.end])
        frames += segment.marker in _FRAMES
        scans += segment.marker == _SOS
        if frames > 1 or scans > _MAX_SCANS:
            raise damaged(PictureFormat.JPEG, f"it has {frames} frames and more than {scans - 1} scans")
    if scans == 0:
        raise damaged(PictureFormat.JPEG, "it ends without pixels")
    return orientation


def _frame_header(content: bytes, segment: _Segment) -> PictureHeader:
    frame = content[segment.start : segment.end]
    if segment.marker not in _DECODABLE_FRAMES:
        raise unsupported(f"a lossless, hierarchical or arithmetic-coded JPEG (frame type {segment.marker:#x})")
    if len(frame) < 6 or len(frame) != 6 + 3 * frame[5]:
        raise damaged(PictureFormat.JPEG, f"its frame header has {len(frame)} bytes")
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    if frame[0] != 8 or frame[5] not in (1, 3, 4):
        raise unsupported(f"a JPEG of {frame[5]} components with {frame[0]} bits")
    return PictureHeader(PictureFormat.JPEG, width, height, frame[0], frame[5])


def _segments(content: bytes) -> Iterator[_Segment]:
    # Strict where decoders are lenient (bytes between segments): what is checked here must be what is decoded.
    position = len(SIGNATURE)
    for _ in range(_MAX_SEGMENTS):
        segment = _segment_at(content, position)
        yield segment
        if segment.marker == _EOI:
            return
        position = _scan_end(content, segment.end) if segment.marker == _SOS else segment.end
    raise damaged(PictureFormat.JPEG, f"it has more than {_MAX_SEGMENTS} segments")


def _segment_at(content: bytes, position: int) -> _Segment:
    while content.startswith(b"\xff\xff", position):
        position += 1
    if position + 2 > len(content) or content[position] != 0xFF:
        raise damaged(PictureFormat.JPEG, f"no marker at byte {position} of {len(content)}")
    marker, start = content[position + 1], position + 4
    if marker == _EOI:
        return _Segment(marker, position + 2, position + 2)
    length = int.from_bytes(content[position + 2 : start], "big")
    end = position + 2 + length
    if marker in _WITHOUT_LENGTH or length < 2 or end > len(content):
        raise damaged(PictureFormat.JPEG, f"the segment at byte {position} (marker {marker:#x}) is cut or misplaced")
    return _Segment(marker, start, end)


def _scan_end(content: bytes, position: int) -> int:
    found = _SCAN_END.search(content, position)
    if found is None:
        raise damaged(PictureFormat.JPEG, f"its end marker is missing after {len(content)} bytes")
    return found.start()
