"""Opens the centre's database: one connection, exclusive, durable at every commit, capped from inside."""

import contextlib
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import apsw

from doorward_central.error import CentreError

DATABASE_FILE = "central.db"
"""Name of the database in the data folder."""
_APPLICATION_ID = 0x44574354
"""`DWCT`, written into the header of every such file."""
_SETTINGS: tuple[tuple[str, str | int, str | int], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    # Erased subjects leave no bytes behind.
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("temp_store", "MEMORY", 2),
    ("mmap_size", 0, 0),
    ("busy_timeout", 0, 0),
    ("journal_size_limit", 8 * 1024 * 1024, 8 * 1024 * 1024),
)
"""Name, value set, answer that proves it (SQLite ignores what it does not like)."""


def open_connection(folder: Path, max_bytes: int) -> apsw.Connection:
    """Opens the database of a data folder, makes it where there is none.

    Args:
        folder: the data folder.
        max_bytes: size from which nothing is added.

    Raises:
        CentreError: DATA_FOLDER_HELD, DATA_FOLDER_UNUSABLE, STORAGE_FULL or STORAGE_FAILED.
    """
    path = folder / DATABASE_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        with contextlib.suppress(FileExistsError):
            # Made by hand for its mode; SQLite gives its log the mode of the main file.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unusable(path, f"it cannot be made: {error.strerror}") from error
    with typed_errors(path):
        connection = apsw.Connection(str(path))
        try:
            _prepare(connection, path)
            connection.pragma("max_page_count", max_bytes // int(connection.pragma("page_size")))
        except BaseException:
            # As it is: what could not be read or synced is not written anew on the way out.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.close()
            raise
    return connection


@contextlib.contextmanager
def typed_errors(path: Path) -> Iterator[None]:
    """Gives errors of SQLite their reasons.

    Args:
        path: the file, for messages.
    """
    try:
        yield
    except apsw.FullError as error:
        raise CentreError("STORAGE_FULL", f"{path}: {error}; free disk space, or raise store.max_bytes") from error
    except (apsw.BusyError, apsw.LockedError) as error:
        found = f"{path}: another centre has it open; stop it, or set DOORWARD_HOME to a folder of its own"
        raise CentreError("DATA_FOLDER_HELD", found, file=str(path)) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError) as error:
        raise _unusable(path, str(error)) from error
    except apsw.Error as error:
        found = f"{path}: {error}; stop the centre, check the disk, and restore the folder from a backup"
        raise CentreError("STORAGE_FAILED", found, file=str(path)) from error


def _prepare(connection: apsw.Connection, path: Path) -> None:
    # EXCLUSIVE before the first access: no shared memory, and a second opener is refused.
    _set(connection, path, "locking_mode", "EXCLUSIVE", "exclusive")
    _check_origin(connection, path)
    for name, value, expected in _SETTINGS:
        _set(connection, path, name, value, expected)
    found = connection.execute("PRAGMA quick_check(1)").get
    if found != "ok":
        raise CentreError("STORAGE_FAILED", f"{path}: the database is damaged ({found}); restore it from a backup")
    for number, script in enumerate(_scripts(), start=1):
        if connection.pragma("user_version") < number:
            with connection:
                connection.execute(script)
                connection.pragma("application_id", _APPLICATION_ID)
                connection.pragma("user_version", number)


def _check_origin(connection: apsw.Connection, path: Path) -> None:
    found = (connection.pragma("application_id"), connection.pragma("user_version"))
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_schema").get
    if not (is_empty and found == (0, 0)) and not (found[0] == _APPLICATION_ID and found[1] <= len(_scripts())):
        raise _unusable(path, f"this is another program's or a newer version's database {found}")


def _scripts() -> list[str]:
    folder = files("doorward_central") / "migrations"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda one: one.name)
    return [script.read_text(encoding="utf-8") for script in scripts]


def _set(connection: apsw.Connection, path: Path, name: str, value: str | int, expected: str | int) -> None:
    connection.pragma(name, value)
    answer = connection.pragma(name)
    if answer != expected:
        raise CentreError("STORAGE_FAILED", f"{path}: SQLite does not take {name}={value} (answers {answer!r})")


def _unusable(path: Path, found: str) -> CentreError:
    return CentreError(
        "DATA_FOLDER_UNUSABLE",
        f"{path}: {found}; set DOORWARD_HOME to a folder the centre can write and nothing else uses",
        file=str(path),
    )
