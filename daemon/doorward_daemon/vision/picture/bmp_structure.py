"""BMP: the header, and whether the file is whole, read without decoding."""

import struct

from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.refusal import damaged, unsupported

SIGNATURE = b"BM"
"""The two bytes every BMP begins with."""

_FILE_HEADER_LENGTH = 14
# BITMAPINFOHEADER and what it grew into; the older OS/2 headers are not written any more.
_INFO_HEADER_LENGTHS = (40, 52, 56, 108, 124)
_UNCOMPRESSED, _BIT_FIELDS = 0, 3
_BIT_DEPTHS = (1, 4, 8, 16, 24, 32)


def read_bmp_header(content: bytes) -> PictureHeader:
    """Reads size and layout from the information header.

    Args:
        content: a file that begins with SIGNATURE.

    Raises:
        InvalidInput: PICTURE_UNSUPPORTED, run-length coding, an old header, or no BMP at all.

    Source: Microsoft, Windows GDI, BITMAPINFOHEADER.
    """
    if len(content) < _FILE_HEADER_LENGTH + 40 or _info_header_length(content) not in _INFO_HEADER_LENGTHS:
        raise unsupported("a file that begins like a BMP and has no known BMP header")
    width, height, planes, bits, compression = struct.unpack_from("<iiHHI", content, _FILE_HEADER_LENGTH + 4)
    if compression not in (_UNCOMPRESSED, _BIT_FIELDS) or bits not in _BIT_DEPTHS or planes != 1:
        raise unsupported(f"a BMP of {bits} bits, {planes} planes, compression {compression}")
    # A negative height means that the rows run from top to bottom.
    return PictureHeader(PictureFormat.BMP, width, abs(height), min(bits, 8), 1 if bits <= 8 else 3)


def check_bmp_whole(content: bytes, header: PictureHeader) -> None:
    """Checks that all rows are there.

    Args:
        content: a file whose header could be read.
        header: that header.

    Raises:
        InvalidInput: PICTURE_DAMAGED, rows are missing or begin inside the header.
    """
    (start,) = struct.unpack_from("<I", content, 10)
    (bits,) = struct.unpack_from("<H", content, _FILE_HEADER_LENGTH + 14)
    row_bytes = (header.width_px * bits + 31) // 32 * 4
    end = start + row_bytes * header.height_px
    if start < _FILE_HEADER_LENGTH + _info_header_length(content) or end > len(content):
        raise damaged(PictureFormat.BMP, f"it has {len(content)} bytes, its rows run from byte {start} to {end}")


def _info_header_length(content: bytes) -> int:
    return int.from_bytes(content[_FILE_HEADER_LENGTH : _FILE_HEADER_LENGTH + 4], "little")
