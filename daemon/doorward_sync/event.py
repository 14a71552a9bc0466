"""An event: what happened, which one it is, and when, as the device knew it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

LARGEST_SEQ = 2**63 - 1
"""Sequence numbers fit SQLite's signed 64-bit integers."""


class Lane(IntEnum):
    """A queue of its own sequence. The numbers are stored and sent: never renumber."""

    LEDGER = 1
    """Decisions, punches, enrolments, erasures, audit: never evicted, chained."""
    BULK = 2
    """Quality statistics, telemetry: may be evicted and leaves a declared hole."""


class ClockState(StrEnum):
    """What the wall clock of an event is worth."""

    UNSET = "unset"
    """The clock stands below the floor: nothing is known."""
    FLOOR = "floor"
    """Not below what was seen before; may be late."""
    SYNCED = "synced"
    """Synchronised, within the stated error."""


@dataclass(frozen=True, slots=True, order=True)
class EventKey:
    """Identity of an event within its device; with the device's id, everywhere."""

    epoch: int
    """63 random bits, made with the journal's database: a new database never reuses numbers."""
    lane: Lane
    """The lane."""
    seq: int
    """1, 2, 3, ... without gaps per (epoch, lane)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTime:
    """When an event happened. The wall clock never orders anything; sequence does."""

    boot_id: str
    """Identity of the boot, as the kernel names it."""
    boottime_ns: int
    """CLOCK_BOOTTIME, nanoseconds since that boot, suspend included."""
    wall_time_us: int
    """Wall clock, microseconds since 1970 UTC, as it stood."""
    clock_state: ClockState
    """What that wall clock is worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event as it is stored, sent and stored again: nothing of it changes on the way."""

    key: EventKey
    """Which one it is."""
    event_id: str
    """UUIDv7 for people and logs; unique, never used for order."""
    kind: str
    """What happened, e.g. `subject.enrolled`: lower case words, dots."""
    time: EventTime
    """When."""
    payload: bytes | None
    """Canonical JSON (payload.py); None where it was erased: the chain still verifies."""
    salt: bytes
    """16 random bytes, so that a digest does not betray a guessable payload."""
    payload_digest: bytes
    """SHA-256 over salt and payload: the commitment that enters the chain."""
    chain_hash: bytes
    """Link to all events before it in its lane (chain.py); empty in lane BULK."""
