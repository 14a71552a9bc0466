"""Identities of events for people and logs."""

import secrets
import uuid


def make_event_id(wall_time_us: int) -> str:
    """A UUID of version 7: milliseconds, then 74 random bits.

    Source: RFC 9562, section 5.7. Python has its own only from 3.14.

    Args:
        wall_time_us: microseconds since 1970 UTC; identities made later sort later, as far as that clock is right.
    """
    milliseconds = max(0, wall_time_us // 1000) & (2**48 - 1)
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=bits))
