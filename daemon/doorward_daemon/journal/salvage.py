"""What can still be read of a damaged journal."""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw

from doorward_daemon.journal.rows import COLUMNS, event_of_row
from doorward_sync.chain import commit_to_payload, genesis, link
from doorward_sync.event import Event, Lane

_SELECT = f"SELECT position, op_id, {COLUMNS} FROM journal_events"


@dataclass(frozen=True, slots=True)
class SalvagedEvent:
    """An event whose payload is what its digest says."""

    event: Event
    """As it stood."""
    op_id: str | None
    """The operation it completed."""
    acknowledged: bool
    """Whether the centre is known to have it."""
    doubtful: bool
    """Whether the chain does not vouch for id, kind and time, or cannot: the event before it is lost."""


class Salvage:
    """Reads a damaged journal without changing it. A context manager that closes it.

    Args:
        path: the file that was set aside, its log beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: apsw.Connection | None = None
        self.epoch: int | None = None
        """Of the damaged database; None where that cannot be read."""
        self.clock_floor_us = 0
        """Highest wall time it had seen; 0 where that cannot be read."""
        self._acked: dict[int, int] = {}
        self._heads: dict[tuple[int, Lane], tuple[int, bytes]] = {}

    def __enter__(self) -> "Salvage":
        with contextlib.suppress(apsw.Error):
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
            self._connection = connection
            # Without shared memory, and without folding the log in: this is the evidence.
            connection.pragma("locking_mode", "EXCLUSIVE")
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            # SQLite reads nothing of a file that was cut short, but for those who may repair the schema.
            connection.pragma("writable_schema", "ON")
        for identity in self._rows("SELECT epoch, clock_floor_us FROM journal_identity"):
            self.epoch, self.clock_floor_us = identity
        self._acked = dict(self._rows("SELECT lane, acked_seq FROM journal_lanes"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            with contextlib.suppress(apsw.Error):
                self._connection.close()

    def events(self) -> Iterator[SalvagedEvent]:
        """The readable events in the order in which they were written; what does not match its digest is left out."""
        last = 0
        self._heads.clear()
        for row in self._rows(f"{_SELECT} ORDER BY position"):
            last = row[0]
            yield from self._checked(row)
        for position in self._beyond_the_damage(last):
            for row in self._rows(f"{_SELECT} WHERE position = ?", position):
                yield from self._checked(row)

    def _beyond_the_damage(self, last: int) -> list[int]:
        # From the far end back to the damage, positions only: a month of events does not fit into memory.
        query = "SELECT position FROM journal_events NOT INDEXED WHERE position > ? ORDER BY position DESC"
        return [row[0] for row in self._rows(query, last)][::-1]

    def _rows(self, sql: str, *bindings: int) -> Iterator[tuple[Any, ...]]:
        # Ends where the damage begins; text that is no text is damage that SQLite does not see.
        if self._connection is not None:
            with contextlib.suppress(apsw.Error, UnicodeDecodeError):
                yield from self._connection.execute(sql, bindings)

    def _checked(self, row: tuple[Any, ...]) -> Iterator[SalvagedEvent]:
        _, op_id, *columns = row
        with contextlib.suppress(ValueError, TypeError):
            event = event_of_row(tuple(columns))
            _check_types(event, op_id)
            if event.payload is None or commit_to_payload(event.salt, event.payload) == event.payload_digest:
                doubtful = self._is_doubtful(event)
                # Where the key itself may be wrong, the centre is sent it again; it knows an event by its id.
                acknowledged = not doubtful and self._is_acknowledged(event.key.epoch, event.key.lane, event.key.seq)
                yield SalvagedEvent(event, op_id, acknowledged, doubtful)

    def _is_doubtful(self, event: Event) -> bool:
        """Compares an event with the link that the one before it begins."""
        key = event.key
        seq, head = self._heads.get((key.epoch, key.lane), (0, b""))
        self._heads[key.epoch, key.lane] = (key.seq, event.chain_hash)
        if key.lane is not Lane.LEDGER:
            return False
        try:
            head = head or genesis(key.epoch, key.lane)
            found = link(head, key, event.event_id, event.kind, event.time, event.payload_digest)
        except struct.error:
            # A number that no event ever had.
            return True
        return seq + 1 != key.seq or found != event.chain_hash

    def _is_acknowledged(self, epoch: int, lane: Lane, seq: int) -> bool:
        # An earlier epoch was settled when this one began.
        earlier = self.epoch is not None and epoch != self.epoch
        return earlier or seq <= self._acked.get(int(lane), 0)


def _check_types(event: Event, op_id: str | None) -> None:
    """Refuses a row whose columns have become something else: a flipped bit makes a text of a number.

    Raises:
        TypeError: it has.
    """
    texts = (event.event_id, event.kind, event.time.boot_id, op_id or "")
    numbers = (event.key.epoch, event.key.seq, event.time.boottime_ns, event.time.wall_time_us)
    blobs = (event.payload or b"", event.salt, event.payload_digest, event.chain_hash)
    for values, kind in ((texts, str), (numbers, int), (blobs, bytes)):
        if not all(isinstance(value, kind) for value in values):
            raise TypeError(f"{event.key}: {values} are not all {kind.__name__}")
