"""What the centre begins a stream with, and when it asks a device to come back."""

from dataclasses import dataclass

from doorward_sync.messages import GoAwayReason

RECONNECT_RANGES_MS = {
    GoAwayReason.TAKEN_OVER: (5_000, 60_000),
    GoAwayReason.SHUTTING_DOWN: (0, 120_000),
    GoAwayReason.OVERLOADED: (5_000, 120_000),
    GoAwayReason.PROTOCOL: (30_000, 300_000),
    GoAwayReason.STORAGE_FAILED: (5_000, 60_000),
}
"""When to come back, by reason; drawn uniformly by the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreGreeting:
    """What the surroundings know when a stream begins."""

    session_id: str
    """Fresh and unique."""
    device_id: str
    """Identity that was proved (certificate, socket); empty where none is demanded yet."""
    gallery_revision: int
    """Revision of the centre's gallery."""
