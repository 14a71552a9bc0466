"""One SQLite file, opened for one daemon alone, durable at every commit, capped from inside."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault
from doorward_daemon.gallery.migration import check_origin, migrate
from doorward_daemon.gallery.settings import GallerySettings
from doorward_daemon.gallery.storage_error import damaged, file_error, no_room, storage_error, unusable

_RESERVED_PAGES = 256
"""Pages beyond the cap for what makes room or finishes what was begun: at the cap SQLite could not delete a row."""

_SETTINGS: tuple[tuple[str, str | int, str | int], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    # No temporary files: nothing of a template may be written beside the database.
    ("temp_store", "MEMORY", 2),
    # With mmap an I/O error would be a SIGBUS.
    ("mmap_size", 0, 0),
    ("busy_timeout", 0, 0),
    ("journal_size_limit", 8 * 1024 * 1024, 8 * 1024 * 1024),
)
"""Name, value set, answer that proves it (SQLite ignores what it does not like)."""


class Database:
    """The connection and what guards it. Not thread-safe: the owner calls it under one lock.

    After a failure of the disk nothing is tried again: pages may count as written that are not. Only a restart reads
    what is there.

    Args:
        connection: configured and migrated.
        path: its file.
        settings: the cap and the disk space to keep free.
    """

    def __init__(self, connection: apsw.Connection, path: Path, settings: GallerySettings) -> None:
        self._connection = connection
        self._path = path
        self._spare_disk_bytes = settings.spare_disk_bytes
        self._max_pages = settings.max_bytes // int(connection.pragma("page_size"))
        self._failure: Fault | None = None

    @property
    def failure(self) -> Fault | None:
        """What broke the storage for the rest of this process; None while it works."""
        return self._failure

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def run(self, sql: str, *bindings: str | bytes | int | float | None) -> list[tuple[Any, ...]]:
        """Runs one statement and returns all its rows.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        with self._typed_errors():
            return self._connection.execute(sql, bindings).fetchall()

    def scan(self, sql: str, *bindings: str | bytes | int | float | None) -> Iterator[tuple[Any, ...]]:
        """Runs one statement and yields its rows one by one; must be read to its end.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._typed_errors():
            yield from self._connection.execute(sql, bindings)

    def changed_rows(self) -> int:
        """Rows changed by the last INSERT, UPDATE or DELETE."""
        return self._connection.changes()

    @contextlib.contextmanager
    def transaction(self, *, growing: bool) -> Iterator[None]:
        """Everything the body writes, or nothing of it; on disk when this returns.

        Args:
            growing: True for what adds to the gallery and may be refused; False for what frees room or finishes
                something begun, which may use the reserve.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        if growing:
            self._refuse_without_room()
        with self._typed_errors():
            self._connection.pragma("max_page_count", self._max_pages + (0 if growing else _RESERVED_PAGES))
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def scrub(self) -> None:
        """Moves everything into the main file, where freed pages are zeroed, and empties the write-ahead log.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED, also where bytes remain in the log.
        """
        with self._typed_errors():
            remaining = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        wal = self._path.with_name(self._path.name + "-wal")
        if remaining != (0, 0) or (wal.exists() and wal.stat().st_size):
            raise damaged(wal, f"the write-ahead log could not be emptied (frames left and moved: {remaining})")

    def close(self) -> None:
        """Closes the file; the write-ahead log is folded in and removed."""
        self._connection.close()

    def _refuse_without_room(self) -> None:
        free_bytes = shutil.disk_usage(self._path.parent).free
        if free_bytes < self._spare_disk_bytes:
            raise no_room(
                self._path,
                f"{free_bytes} bytes are free on its disk, and {self._spare_disk_bytes} have to stay free",
            )

    def _roll_back(self) -> None:
        # SQLite has already rolled back by itself after some errors, a full disk among them.
        if self._connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        if (known := self._failure) is not None:
            raise Fault(known.reason, known.message, metadata=known.metadata)
        try:
            yield
        except apsw.Error as error:
            typed = storage_error(self._path, error)
            if isinstance(typed, Fault) and typed.reason is ErrorReason.STORAGE_FAILED:
                self._failure = typed
            raise typed from error


def open_database(path: Path, settings: GallerySettings) -> Database:
    """Opens the file, makes it where there is none, and checks it.

    Raises:
        Conflict: DATA_FOLDER_HELD, another process has it open; DATA_FOLDER_UNUSABLE, it cannot be written, belongs to
            another program or to a newer version.
        Overloaded: STORAGE_FULL, no room for a new one.
        Fault: STORAGE_FAILED, it is damaged or the disk fails.
    """
    _make_file(path)
    try:
        connection = apsw.Connection(str(path))
    except apsw.Error as error:
        raise storage_error(path, error) from error
    try:
        _prepare(connection, path)
        return Database(connection, path, settings)
    except apsw.Error as error:
        connection.close()
        raise storage_error(path, error) from error
    except DoorwardError:
        connection.close()
        raise


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        # Made by hand for its mode; SQLite gives its log the mode of the main file. Never opened where it is there:
        # closing any descriptor of a file drops all locks this process holds on it (POSIX).
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise file_error(path, error) from error
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise unusable(path, "it, or its folder, cannot be written")


def _prepare(connection: apsw.Connection, path: Path) -> None:
    # EXCLUSIVE before the first access: no shared memory, and a second opener is refused from then on.
    _set(connection, path, "locking_mode", "EXCLUSIVE", "exclusive")
    check_origin(connection, path)
    for name, value, expected in _SETTINGS:
        _set(connection, path, name, value, expected)
    found = connection.execute("PRAGMA quick_check(1)").get
    if found != "ok":
        raise damaged(path, f"the database is damaged ({found})")
    migrate(connection)


def _set(connection: apsw.Connection, path: Path, name: str, value: str | int, expected: str | int) -> None:
    connection.pragma(name, value)
    answer = connection.pragma(name)
    if answer != expected:
        raise damaged(path, f"SQLite does not take {name}={value} (answers {answer!r})")
