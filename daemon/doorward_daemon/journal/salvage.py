"""What can still be read of a damaged journal."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import apsw

from doorward_daemon.journal.rows import COLUMNS, event_of_row
from doorward_sync.chain import commit_to_payload
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
        # Ends where the damage begins.
        if self._connection is not None:
            with contextlib.suppress(apsw.Error):
                yield from self._connection.execute(sql, bindings)

    def _checked(self, row: tuple[Any, ...]) -> Iterator[SalvagedEvent]:
        _, op_id, *columns = row
        with contextlib.suppress(ValueError, TypeError):
            event = event_of_row(tuple(columns))
            if event.payload is None or commit_to_payload(event.salt, event.payload) == event.payload_digest:
                yield SalvagedEvent(event, op_id, self._is_acknowledged(event.key.epoch, event.key.lane, event.key.seq))

    def _is_acknowledged(self, epoch: int, lane: Lane, seq: int) -> bool:
        # An earlier epoch was settled when this one began.
        earlier = self.epoch is not None and epoch != self.epoch
        return earlier or seq <= self._acked.get(int(lane), 0)
