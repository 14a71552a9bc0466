"""How far a lane has got, and what waits to be taken over by the centre."""

from dataclasses import dataclass

from doorward_sync.event import EventTime


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """A lane at one moment."""

    epoch: int
    """Of this database."""
    first_retained: int
    """Lowest seq still here; `last` + 1 where nothing is."""
    last: int
    """Highest seq given; 0 before the first event."""
    acked: int
    """Everything up to here has been taken over by the centre."""
    chain_head: bytes
    """Link of the event `last`, 32 bytes; empty in lane BULK."""
    chain_head_at_acked: bytes
    """Link of the event `acked`; empty in lane BULK, and after a rewind to an event that is no longer here."""
    oldest_unacknowledged: EventTime | None = None
    """When the oldest event happened that waits; None where none does."""
    unacknowledged_bytes: int = 0
    """Payload bytes that wait."""

    @property
    def unacknowledged(self) -> int:
        """Events that are here and wait."""
        return self.last - max(self.acked, self.first_retained - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """What has not been acknowledged yet, all lanes together."""

    unacknowledged: int
    """Events."""
    oldest_age_s: float | None
    """Age of the oldest, seconds; None where nothing waits or no clock can tell."""
    bytes: int
    """Their payloads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStatus:
    """How the journal is doing."""

    waiting: int
    """Requests before the writer."""
    busy_s: float
    """For how long the writer has been at the request in hand, seconds; 0 while it is idle."""
    commits: int
    """Transactions that added events, since start."""
    events: int
    """Events added since start."""
    late_commits: int
    """Requests written after their caller had given up waiting."""
    evicted: int
    """Events of lane BULK dropped for want of room, since start; declared as holes."""
