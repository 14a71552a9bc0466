"""Events that end every stream they are sent on: kept aside, declared in the ledger, and not sent again."""

from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, stamp
from doorward_sync.event import Event, Lane


def put_aside(book: JournalBook, clock: EventClock, place: tuple[Lane, int], reason: str) -> list[Event]:
    """Copies an event into quarantine and declares it, in one transaction; again, or too late, changes nothing.

    Args:
        book: the journal.
        clock: stamps the declaration.
        place: lane and sequence number.
        reason: why, for who looks at it.

    Returns:
        The declaration, where it is new.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    lane, seq = place
    if seq in book.quarantined[lane]:
        return []
    # It may have been evicted in the meantime: then it is declared already.
    if (event := book.events.at(lane, seq)) is None:
        return []
    facts = {
        "lane": lane.name,
        "from_seq": seq,
        "to_seq": seq,
        "count": 1,
        "reason": "quarantined",
        "detail": reason,
        "event_id": event.event_id,
        "kind": event.kind,
        "payload_digest": event.payload_digest.hex(),
    }
    fresh: list[Event] = []
    with book.changing(growing=False) as lanes:
        book.events.keep_aside(event, reason)
        book.put(lanes, stamp(EventDraft("journal.quarantined", facts), clock), fresh)
    book.quarantined[lane] |= {seq}
    return fresh
