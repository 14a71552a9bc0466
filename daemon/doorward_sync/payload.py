"""The canonical form of a payload: one byte string for one meaning, on both ends."""

import json
from collections.abc import Mapping
from typing import Any

LARGEST_PAYLOAD_BYTES = 64 * 1024
"""An event is a record, not a blob; a batch holds at least four of the largest."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class PayloadError(ValueError):
    """The payload cannot be an event's: the message says what and why."""


def encode_payload(fields: Mapping[str, Any]) -> bytes:
    """Writes a payload: JSON, UTF-8, keys sorted, no white space.

    Args:
        fields: strings, integers, finite floats, booleans, None, lists and mappings with string keys.

    Raises:
        PayloadError: another type, NaN, infinity, or more than LARGEST_PAYLOAD_BYTES.
    """
    try:
        payload = _ENCODER.encode(fields).encode("utf-8")
    except (TypeError, ValueError) as error:
        raise PayloadError(f"the payload has no canonical form: {error}") from error
    if len(payload) > LARGEST_PAYLOAD_BYTES:
        raise PayloadError(f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD_BYTES} are allowed")
    return payload


def decode_payload(payload: bytes) -> dict[str, Any]:
    """Reads a payload.

    Raises:
        PayloadError: it is no JSON object in UTF-8, or too large.
    """
    if len(payload) > LARGEST_PAYLOAD_BYTES:
        raise PayloadError(f"the payload has {len(payload)} bytes; at most {LARGEST_PAYLOAD_BYTES} are allowed")
    try:
        fields = json.loads(payload.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise PayloadError(f"the payload is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise PayloadError(f"the payload is a {type(fields).__name__}; an object is expected")
    return fields
