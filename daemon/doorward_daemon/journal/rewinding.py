"""Going back to where a restored centre stands."""

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import stamp
from doorward_daemon.journal.making_room import hole_draft
from doorward_sync.event import Event, Lane


def rewind(book: JournalBook, clock: EventClock, lane: Lane, seq: int) -> list[Event]:
    """Moves the watermark of a lane down; what is no longer here becomes a hole, in the same transaction.

    Args:
        book: the journal.
        clock: stamps the hole.
        lane: which.
        seq: the last event the centre has; 0 for none.

    Returns:
        The hole event, where there is one.

    Raises:
        InvalidInput: CURSOR_INVALID, it is negative or beyond what was acknowledged.
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    state = book.lanes[lane]
    if not 0 <= seq <= state.acked:
        raise InvalidInput(
            ErrorReason.CURSOR_INVALID,
            f"lane {lane.name}: cannot go back to event {seq}; acknowledged up to {state.acked}",
            metadata={"lane": lane.name, "seq": str(seq), "acked": str(state.acked)},
        )
    fresh: list[Event] = []
    if seq == state.acked:
        return fresh
    with book.changing(growing=False) as lanes:
        lanes[lane] = book.with_acked(state, lane, seq)
        missing_to = min(state.acked, state.first_retained - 1)
        if missing_to > seq:
            book.put(lanes, stamp(hole_draft(lane, seq + 1, missing_to, "purged_after_ack"), clock), fresh)
    return fresh
