"""A journal whose numbers are taken at the centre goes on under new ones: a restored image, or a cloned device."""

import secrets
from dataclasses import replace

from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, stamp
from doorward_sync.chain import genesis, link
from doorward_sync.event import Event, EventKey, Lane


def open_new_epoch(book: JournalBook, clock: EventClock) -> list[Event]:
    """Gives the journal a new epoch and numbers everything unacknowledged anew, in one transaction.

    Ids, kinds, times, salts and payloads stay; keys and links are new. Acknowledged events stay under their old keys.

    Args:
        book: the journal; its state is of the new epoch afterwards.
        clock: stamps the event that says so.

    Returns:
        That event.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    before = book.epoch
    # Never 0, so that an epoch nobody set cannot pass for one.
    epoch = secrets.randbits(63) or 1
    with book.database.transaction(growing=False):
        moved = {lane: _take_out(book, lane) for lane in Lane}
        for lane, waiting in moved.items():
            head = genesis(epoch, lane)
            for seq, (event, op_id) in enumerate(waiting, start=1):
                placed = _placed(event, EventKey(epoch, lane, seq), head)
                book.events.insert(placed, op_id)
                head = placed.chain_hash
        book.events.set_epoch(epoch)
    book.reload(epoch)
    facts = {"from_epoch": before, "renumbered": sum(len(waiting) for waiting in moved.values())}
    return book.write([[stamp(EventDraft("journal.epoch_opened", facts), clock)]], growing=False).fresh


def _take_out(book: JournalBook, lane: Lane) -> list[tuple[Event, str | None]]:
    acked = book.lanes[lane].acked
    aside = book.quarantined[lane]
    # What no centre could take stays in quarantine under its old key.
    waiting = [found for found in book.events.with_operations(lane, acked) if found[0].key.seq not in aside]
    book.events.delete_after(lane, acked)
    return waiting


def _placed(event: Event, key: EventKey, before: bytes) -> Event:
    if key.lane is not Lane.LEDGER:
        return replace(event, key=key)
    chain_hash = link(before, key, event.event_id, event.kind, event.time, event.payload_digest)
    return replace(event, key=key, chain_hash=chain_hash)
