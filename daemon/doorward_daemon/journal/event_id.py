"""Identities of events for people and logs."""

import secrets


def make_event_id(wall_time_us: int) -> str:
    """A UUID of version 7: milliseconds, then 74 random bits.

    Source: RFC 9562, section 5.7. Python has its own only from 3.14.

    Args:
        wall_time_us: microseconds since 1970 UTC; identities made later sort later, as far as that clock is right.
    """
    milliseconds = max(0, wall_time_us // 1000) & (2**48 - 1)
    chance = int.from_bytes(secrets.token_bytes(10), "big")
    bits = milliseconds << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62 | chance & (2**62 - 1)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
