"""Opens one of our database files: alone, with settings that are proven, checked, at the schema of this version."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import apsw

from doorward_daemon.errors import DoorwardError
from doorward_daemon.storage.database import Database, close_as_it_is
from doorward_daemon.storage.database_file import DatabaseFile, file_error, unusable
from doorward_daemon.storage.durable import sync_folder
from doorward_daemon.storage.migration import check_origin, migrate
from doorward_daemon.storage.schema import Schema
from doorward_daemon.storage.settings import StorageSettings


@dataclass(frozen=True, slots=True)
class Engine:
    """What SQLite stands on. No setting: only the tests of durability use another than DURABLE."""

    vfs: str = ""
    """Name of a registered VFS; empty = the system's."""
    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    """NORMAL loses what was confirmed at a power cut: it proves that a test can see such a loss."""


DURABLE = Engine()
"""The engine of the daemon: a commit that returned survives a power cut."""

_SETTINGS: tuple[tuple[str, str | int, str | int], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    # No temporary files: nothing personal may be written beside the database.
    ("temp_store", "MEMORY", 2),
    # With mmap an I/O error would be a SIGBUS.
    ("mmap_size", 0, 0),
    ("busy_timeout", 0, 0),
    ("journal_size_limit", 8 * 1024 * 1024, 8 * 1024 * 1024),
)
"""Name, value set, answer that proves it (SQLite ignores what it does not like)."""
_SYNCHRONOUS = {"NORMAL": 1, "FULL": 2}


def open_database(path: Path, schema: Schema, settings: StorageSettings, engine: Engine = DURABLE) -> Database:
    """Opens the file, makes it where there is none, and checks it.

    Args:
        path: the file.
        schema: what it holds.
        settings: the room it may take.
        engine: DURABLE outside tests.

    Raises:
        Conflict: DATA_FOLDER_HELD, another process has it open; DATA_FOLDER_UNUSABLE, it cannot be written, belongs to
            another program or to a newer version.
        Overloaded: STORAGE_FULL, no room for a new one.
        DatabaseDamaged: STORAGE_FAILED, its content does not hold together.
        Fault: STORAGE_FAILED, the disk fails.
    """
    file = DatabaseFile(path, schema)
    _make_file(path)
    try:
        connection = apsw.Connection(str(path), vfs=engine.vfs or None)
    except apsw.Error as error:
        raise file.meaning_of(error) from error
    try:
        _prepare(connection, file, engine)
        return Database(connection, file, settings)
    except apsw.Error as error:
        close_as_it_is(connection)
        raise file.meaning_of(error) from error
    except DoorwardError:
        close_as_it_is(connection)
        raise


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        # Made by hand for its mode; SQLite gives its log the mode of the main file. Never opened where it is there:
        # closing any descriptor of a file drops all locks this process holds on it (POSIX).
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        sync_folder(path.parent)
    except OSError as error:
        raise file_error(path, error) from error
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise unusable(path, "it, or its folder, cannot be written")


def _prepare(connection: apsw.Connection, file: DatabaseFile, engine: Engine) -> None:
    # EXCLUSIVE before the first access: no shared memory, and a second opener is refused from then on.
    _set(connection, file, "locking_mode", "EXCLUSIVE", "exclusive")
    check_origin(connection, file)
    if connection.readonly("main"):
        raise unusable(file.path, "it can only be read")
    for name, value, expected in _SETTINGS:
        _set(connection, file, name, value, expected)
    _set(connection, file, "synchronous", engine.synchronous, _SYNCHRONOUS[engine.synchronous])
    found = connection.execute("PRAGMA quick_check(1)").get
    if found != "ok":
        raise file.damaged(f"the database is damaged ({found})")
    migrate(connection, file)


def _set(connection: apsw.Connection, file: DatabaseFile, name: str, value: str | int, expected: str | int) -> None:
    connection.pragma(name, value)
    answer = connection.pragma(name)
    if answer != expected:
        raise file.damaged(f"SQLite does not take {name}={value} (answers {answer!r})")
