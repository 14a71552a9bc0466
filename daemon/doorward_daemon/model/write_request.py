"""What makes a write idempotent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What makes a write recognisable when it comes again."""

    request_id: str
    """Chosen by the caller, 1..64 printable characters."""
    fingerprint: bytes
    """Hash over everything the caller asked for, the method's name included."""
