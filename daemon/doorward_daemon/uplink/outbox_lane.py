"""A lane of the outbox, as Hello tells it."""

from typing import Protocol

from doorward_sync.event import Lane
from doorward_sync.messages import LaneStatus


class OutboxLane(Protocol):
    """How far a lane has got."""

    @property
    def first_retained(self) -> int:
        """Lowest seq still here; last + 1 where nothing is."""

    @property
    def last(self) -> int:
        """Highest seq; 0 before the first event."""

    @property
    def acked(self) -> int:
        """Everything up to here is the centre's."""

    @property
    def chain_head_at_acked(self) -> bytes:
        """Link of that event."""


def status_of(lane: Lane, state: OutboxLane) -> LaneStatus:
    """The lane as a message has it: before the first acknowledgement there is no link to compare."""
    return LaneStatus(
        lane=lane,
        first_retained_seq=state.first_retained,
        last_seq=state.last,
        acked_seq=state.acked,
        chain_head_at_acked=state.chain_head_at_acked if state.acked and lane is Lane.LEDGER else b"",
    )
