"""How much room the record has, and what may still be written where it is short."""

from enum import StrEnum

from doorward_daemon.journal.draft import StampedDraft
from doorward_daemon.storage import Database
from doorward_sync.event import Lane

SHORT_SHARE = 0.8
"""Filled part from which a person should look."""
CRITICAL_SHARE = 0.95
"""Filled part from which doors act by their policy for a disk that takes nothing, soon or now."""
_LARGEST_RESERVE_BYTES = 64 * 1024 * 1024
_RESERVE_PART = 8
_NEVER_REFUSED = ("journal.", "subject.", "device.", "storage.", "config.", "command.")


class StorageState(StrEnum):
    """Room for the record."""

    OK = "OK"
    """There is enough."""
    SHORT = "SHORT"
    """SHORT_SHARE is filled: take events over, or make room."""
    CRITICAL = "CRITICAL"
    """CRITICAL_SHARE is filled, or its disk is full: what is not to be refused still goes into the reserve."""


def storage_state(used_share: float, database: Database) -> StorageState:
    """How it is now.

    Args:
        used_share: filled part of the room that decisions may take.
        database: asked for the free space of its disk.
    """
    if used_share >= CRITICAL_SHARE or not database.has_disk_space(essential=True):
        return StorageState.CRITICAL
    return StorageState.SHORT if used_share >= SHORT_SHARE or not database.has_disk_space() else StorageState.OK


def reserve_bytes(max_bytes: int) -> int:
    """Room that decisions and statistics may not take: for what is never refused.

    Args:
        max_bytes: of the database.
    """
    return min(_LARGEST_RESERVE_BYTES, max_bytes // _RESERVE_PART)


def is_never_refused(draft: StampedDraft) -> bool:
    """Whether an event may use the reserve: audit, receipts, holes, states of device and storage."""
    return draft.lane is Lane.LEDGER and draft.kind.startswith(_NEVER_REFUSED)
