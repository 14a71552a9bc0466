"""The opaque place of a reader in the record: which journal, and how far."""

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.rpc.page_token import not_made_here
from doorward_sync.event import LARGEST_SEQ

_VERSION = 1
_PLACE = struct.Struct(">BQQ")
_CHECK = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class EventCursor:
    """Everything of the ledger up to here is known."""

    epoch: int
    """Of the journal."""
    seq: int
    """Last event that is known; 0 for none."""

    def encode(self) -> str:
        """As it is given out."""
        place = _PLACE.pack(_VERSION, self.epoch, self.seq)
        return base64.urlsafe_b64encode(place + _CHECK.pack(zlib.crc32(place))).decode("ascii")


def read_cursor(text: str) -> EventCursor:
    """Reads a cursor that came back. The checksum finds damage; a forged one shows nothing that its sender may not see.

    Raises:
        InvalidInput: CURSOR_INVALID, it was never given out.
    """
    cursor = _decode(text)
    if cursor is None:
        raise InvalidInput(
            ErrorReason.CURSOR_INVALID,
            "the cursor was not given out by a device; send the cursor of the last response, or nothing to begin anew",
        )
    return cursor


def read_event_page_token(token: str) -> EventCursor:
    """Reads the page token of a list of events, which is a cursor.

    Raises:
        InvalidInput: PAGE_TOKEN_INVALID.
    """
    cursor = _decode(token)
    if cursor is None:
        raise not_made_here()
    return cursor


def _decode(text: str) -> EventCursor | None:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        version, epoch, seq = _PLACE.unpack(raw[: _PLACE.size])
        (check,) = _CHECK.unpack(raw[_PLACE.size :])
    except (binascii.Error, ValueError, struct.error):
        return None
    if check != zlib.crc32(raw[: _PLACE.size]) or version != _VERSION or seq > LARGEST_SEQ:
        return None
    return EventCursor(epoch, seq)
