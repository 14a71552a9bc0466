"""Digests that tell whether two events are the same one."""

from doorward_sync.chain import link
from doorward_sync.event import Event, EventKey, Lane

_NO_KEY = EventKey(epoch=0, lane=Lane.LEDGER, seq=0)


def event_digest(event: Event) -> bytes:
    """The digest of an event under its key, 32 bytes; the chain makes it vouch for all before it, too.

    It needs no payload: an erased payload leaves the event what it was.
    """
    return link(event.chain_hash, event.key, event.event_id, event.kind, event.time, event.payload_digest)


def content_digest(event: Event) -> bytes:
    """The digest of what happened, 32 bytes: the same after the event moved to another key."""
    return link(b"", _NO_KEY, event.event_id, event.kind, event.time, event.payload_digest)
