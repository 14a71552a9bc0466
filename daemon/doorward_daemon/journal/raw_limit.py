"""What the journal is measured against: SQLite alone with the same rows, and a log as long as a power cut may leave."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import apsw

from doorward_daemon.journal.opening import JOURNAL_SCHEMA
from doorward_daemon.journal.rows import COLUMN_COUNT, COLUMNS, values_of_event
from doorward_sync.event import Event

_INSERT = f"INSERT INTO journal_events ({COLUMNS}) VALUES ({', '.join('?' * COLUMN_COUNT)})"
_FILLING_BYTES = 64 * 1024
_FOLD_EVERY_ROWS = 4000
"""About 4 MiB of log, as the journal folds its own."""


class RawCommits:
    """Commits rows of events into a database of its own; a context manager that closes it.

    Args:
        path: the file, made anew.
    """

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        self._rows = 0

    def __enter__(self) -> "RawCommits":
        for name, value in (("locking_mode", "EXCLUSIVE"), ("journal_mode", "WAL"), ("synchronous", "FULL")):
            self._connection.pragma(name, value)
        self._connection.pragma("wal_autocheckpoint", 0)
        self._connection.pragma("secure_delete", "ON")
        self._connection.execute(JOURNAL_SCHEMA.scripts()[0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def commit(self, events: Sequence[Event]) -> None:
        """Writes events in one transaction; they are on disk when this returns."""
        self._connection.execute("BEGIN IMMEDIATE")
        for event in events:
            self._connection.execute(_INSERT, values_of_event(event))
        self._connection.execute("COMMIT")
        self._rows += len(events)
        if self._rows >= _FOLD_EVERY_ROWS:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._rows = 0


def leave_long_log(path: Path, log_bytes: int) -> None:
    """Leaves a journal that nobody has open with a write-ahead log of at least this length, as a power cut would.

    The rows are of no epoch there is, so that nothing but their length changes.

    Args:
        path: the journal's file.
        log_bytes: length, bytes.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("locking_mode", "EXCLUSIVE")
    connection.pragma("wal_autocheckpoint", 0)
    # What an earlier start left there would make the log longer than was asked for.
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    rows = ((seq, bytes(_FILLING_BYTES)) for seq in range(log_bytes // _FILLING_BYTES + 1))
    with connection:
        connection.executemany(
            "INSERT OR REPLACE INTO journal_quarantine"
            " VALUES (0, 1, ?, '', '', '', '', 0, 0, 'unset', ?, x'', x'', x'')",
            rows,
        )
    connection.close()
