"""The hash chain of a lane: each event vouches for all before it, and for a payload that may be erased later."""

import hashlib
import struct
from collections.abc import Iterable

from doorward_sync.event import Event, EventKey, EventTime, Lane

SALT_BYTES = 16
"""Enough that equal payloads cannot be told to be equal."""
_NUMBERS_BYTES = struct.calcsize(">QBQQq")


def genesis(epoch: int, lane: Lane) -> bytes:
    """The link before the first event of a lane, 32 bytes."""
    return hashlib.sha256(b"doorward.chain.1" + struct.pack(">QB", epoch, lane)).digest()


def commit_to_payload(salt: bytes, payload: bytes) -> bytes:
    """The digest that stands for a payload, 32 bytes.

    Raises:
        ValueError: the salt is not SALT_BYTES long.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"salt: expected {SALT_BYTES} bytes, found {len(salt)}")
    return hashlib.sha256(salt + payload).digest()


def link(before: bytes, key: EventKey, event_id: str, kind: str, time: EventTime, payload_digest: bytes) -> bytes:
    """The link of one event, 32 bytes.

    Every field enters with its length in front, so that no two different events have the same input.

    Args:
        before: link of the event before it, or genesis().
        key: which event.
        event_id: its id.
        kind: what happened.
        time: when.
        payload_digest: commitment to its payload.
    """
    name, what, boot, state = event_id.encode(), kind.encode(), time.boot_id.encode(), time.clock_state.encode()
    numbers = (key.epoch, key.lane, key.seq, time.boottime_ns, time.wall_time_us)
    # One call for all fields: this stands in the way of every decision. struct keeps the layouts it has seen.
    layout = f">I{len(before)}sIQBQQqI{len(name)}sI{len(what)}sI{len(boot)}sI{len(state)}sI{len(payload_digest)}s"
    fields = struct.pack(
        layout,
        *(len(before), before, _NUMBERS_BYTES, *numbers, len(name), name, len(what), what),
        *(len(boot), boot, len(state), state, len(payload_digest), payload_digest),
    )
    return hashlib.sha256(fields).digest()


def first_broken(events: Iterable[Event], before: bytes) -> EventKey | None:
    """Checks a run of events of one lane against the chain and their payloads.

    Args:
        events: in order of seq, without gaps.
        before: link of the event before the first one, or genesis().

    Returns:
        The first event that does not fit, None where all do.
    """
    head = before
    for event in events:
        if event.payload is not None and commit_to_payload(event.salt, event.payload) != event.payload_digest:
            return event.key
        head = link(head, event.key, event.event_id, event.kind, event.time, event.payload_digest)
        if head != event.chain_hash:
            return event.key
    return None
