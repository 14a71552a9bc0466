"""The ledger of enrolments and erasures: what stands here has happened."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import TracebackType

import apsw

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, Fault, Overloaded

LEDGER_FILE = "ledger.db"
"""Name of the database in the data folder."""
_APPLICATION_ID = 0x44574C44
"""`DWLD`, written into the header of every ledger file."""
_SCHEMA = 1

_SETTINGS: tuple[tuple[str, str | int, str | int], ...] = (
    # EXCLUSIVE before the first access: no shared memory, and a second opener is refused.
    ("locking_mode", "EXCLUSIVE", "exclusive"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("mmap_size", 0, 0),
    ("busy_timeout", 0, 0),
)
"""Name, value set, answer that proves it."""

_MEANINGS: tuple[tuple[tuple[type[apsw.Error], ...], type[DoorwardError], ErrorReason, str], ...] = (
    ((apsw.FullError,), Overloaded, ErrorReason.STORAGE_FULL, "free disk space, then try again"),
    ((apsw.BusyError, apsw.LockedError), Conflict, ErrorReason.DATA_FOLDER_HELD, "stop the process that has it open"),
    (
        (apsw.ReadOnlyError, apsw.CantOpenError),
        Conflict,
        ErrorReason.DATA_FOLDER_UNUSABLE,
        "give the daemon's user write access",
    ),
)


class OperationLedger:
    """Remembers operations durably, by op_id. Thread-safe. Made by `open_ledger`; a context manager that closes it.

    After a failure of the disk every call fails: whether the last record is on disk can only be read after a restart.

    Args:
        connection: configured, at the schema of this version.
        path: its file, for messages.
    """

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.Lock()
        self._failure: str | None = None

    def __enter__(self) -> "OperationLedger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record(self, op_id: str, kind: str, subject_id: str) -> None:
        """Writes an operation down; on disk when this returns. Recording it again changes nothing.

        Args:
            op_id: identity of the operation.
            kind: what is done, e.g. `ERASE_SUBJECT`.
            subject_id: to whom.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        recorded_at_us = int(datetime.now(UTC).timestamp() * 1_000_000)
        with self._lock, self._guarded():
            self._connection.execute(
                "INSERT INTO ledger_operations (op_id, kind, subject_id, recorded_at_us) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (op_id) DO NOTHING",
                (op_id, kind, subject_id, recorded_at_us),
            )

    def holds(self, op_id: str) -> bool:
        """Whether an operation was written down.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._lock, self._guarded():
            row = self._connection.execute("SELECT 1 FROM ledger_operations WHERE op_id = ?", (op_id,)).fetchone()
            return row is not None

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if self._failure is not None:
            raise _failed(self._path, self._failure)
        try:
            with _typed_errors(self._path):
                yield
        except Fault as fault:
            self._failure = f"it failed before ({fault.message})"
            raise


def open_ledger(folder: Path) -> OperationLedger:
    """Opens the ledger of a data folder, makes it where there is none.

    Raises:
        Conflict: DATA_FOLDER_HELD; DATA_FOLDER_UNUSABLE, it cannot be written, or is another program's or a newer
            version's.
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED, it is damaged or the disk fails.
    """
    path = folder / LEDGER_FILE
    try:
        # Never opened where it is there: closing any descriptor of a file drops this process's locks on it (POSIX).
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unusable(path, f"it cannot be made: {error.strerror}") from error
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unusable(path, "it, or its folder, cannot be written")
    with _typed_errors(path):
        connection = apsw.Connection(str(path))
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return OperationLedger(connection, path)


def _prepare(connection: apsw.Connection, path: Path) -> None:
    _set(connection, path, *_SETTINGS[0])
    _check_origin(connection, path)
    for setting in _SETTINGS[1:]:
        _set(connection, path, *setting)
    found = connection.execute("PRAGMA quick_check(1)").get
    if found != "ok":
        raise _failed(path, f"the database is damaged ({found})")
    if connection.pragma("user_version") < _SCHEMA:
        script = files("doorward_daemon.state") / "migrations" / "0001_operations.sql"
        with connection:
            connection.execute(script.read_text(encoding="utf-8"))
            connection.pragma("application_id", _APPLICATION_ID)
            connection.pragma("user_version", _SCHEMA)


def _check_origin(connection: apsw.Connection, path: Path) -> None:
    found = (connection.pragma("application_id"), connection.pragma("user_version"))
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_schema").get
    if not (is_empty and found == (0, 0)) and not (found[0] == _APPLICATION_ID and found[1] <= _SCHEMA):
        raise _unusable(path, f"this is another program's or a newer version's database {found}")


def _set(connection: apsw.Connection, path: Path, name: str, value: str | int, expected: str | int) -> None:
    connection.pragma(name, value)
    answer = connection.pragma(name)
    if answer != expected:
        raise _failed(path, f"SQLite does not take {name}={value} (answers {answer!r})")


@contextmanager
def _typed_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        for kinds, answer, reason, advice in _MEANINGS:
            if isinstance(error, kinds):
                raise answer(reason, f"{path}: {error}; {advice}", metadata={"file": str(path)}) from error
        raise _failed(path, str(error)) from error


def _unusable(path: Path, found: str) -> Conflict:
    return Conflict(
        ErrorReason.DATA_FOLDER_UNUSABLE,
        f"{path}: {found}; set DOORWARD_HOME to a folder the daemon can write and nothing else uses",
        metadata={"folder": str(path.parent)},
    )


def _failed(path: Path, found: str) -> Fault:
    return Fault(
        ErrorReason.STORAGE_FAILED,
        f"{path}: {found}; stop the daemon, check the disk, and restore the data folder from a backup",
        metadata={"file": str(path)},
    )
