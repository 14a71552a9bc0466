"""One SQLite file, open for one daemon alone, durable at every commit, capped from inside."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault
from doorward_daemon.storage.backup import DailyBackup
from doorward_daemon.storage.database_file import DatabaseFile
from doorward_daemon.storage.log_depth import LogDepth
from doorward_daemon.storage.settings import StorageSettings

Binding = str | bytes | int | float | None
"""What a statement can be given."""
Row = tuple[Any, ...]
"""What it answers."""

_RESERVED_PAGES = 256
"""Pages beyond the cap for what makes room or finishes what was begun: at the cap SQLite could not delete a row."""
_TRUST_ROOM_S = 1.0
"""So long a look at the free space counts; a disk that fills faster is SQLite's to report."""
_LAST_PART = 8
"""What is essential leaves this part of the spare disk space alone: what lets rows go has to write, too."""
_LONG_LOG_BYTES = 4 * 1024 * 1024
"""The log is folded in by an owner that has a moment for it once it has grown by so much, and after any transaction
that takes it to twice as much."""


def close_as_it_is(connection: apsw.Connection) -> None:
    """Closes a connection without folding its log in.

    After a failed sync the system counts pages as written that are not: a second one that succeeds proves nothing.
    """
    with contextlib.suppress(apsw.Error):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()


class Database:
    """The connection and what guards it. Not thread-safe: the owner calls it from one thread or under one lock.

    After a failure of the disk nothing is tried again: pages may count as written that are not. Only a restart reads
    what is there.

    Args:
        connection: configured and migrated.
        file: its file.
        settings: the cap and the disk space to keep free.
    """

    def __init__(self, connection: apsw.Connection, file: DatabaseFile, settings: StorageSettings) -> None:
        self._connection = connection
        self._file = file
        self._settings = settings
        self._page_bytes = int(connection.pragma("page_size"))
        self._log = LogDepth(connection)
        self._page_limit = 0
        self._room_until_s = 0.0
        self._failure: Fault | None = None

    @property
    def failure(self) -> Fault | None:
        """What broke the storage for the rest of this process; None while it works."""
        return self._failure

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def file(self) -> DatabaseFile:
        """The file, and how its errors are named."""
        return self._file

    @property
    def max_bytes(self) -> int:
        """Room allowed."""
        return self._settings.max_bytes

    @property
    def log_bytes(self) -> int:
        """Length of what is not folded into the main file yet."""
        return self._log.pages * self._page_bytes

    def used_share(self) -> float:
        """Filled part of the room allowed, 0..1 (a little above 1 where the reserve is in use); freed pages count free.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._typed_errors():
            pages = int(self._connection.pragma("page_count")) - int(self._connection.pragma("freelist_count"))
        return pages * self._page_bytes / self._settings.max_bytes

    def has_disk_space(self, *, essential: bool = False) -> bool:
        """Whether the disk has the free space that has to stay free.

        Args:
            essential: as for `transaction`.
        """
        spare_bytes = self._settings.spare_disk_bytes
        return self._free_disk_bytes() >= (spare_bytes // _LAST_PART if essential else spare_bytes)

    def daily_backup(self) -> DailyBackup:
        """What keeps a copy of the file beside it."""
        return DailyBackup(self._connection, self.path)

    def has_room_for_backup(self) -> bool:
        """Whether a copy fits on the disk beside what has to stay free."""
        pages = int(self._connection.pragma("page_count"))
        return self._free_disk_bytes() >= self._settings.spare_disk_bytes + 2 * pages * self._page_bytes

    def run(self, sql: str, *bindings: Binding) -> list[Row]:
        """Runs one statement and returns all its rows.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        if self._failure is not None:
            self._refuse_after_failure()
        try:
            return self._connection.execute(sql, bindings).fetchall()
        except (apsw.Error, UnicodeDecodeError) as error:
            raise self._noted(error) from error

    def scan(self, sql: str, *bindings: Binding) -> Iterator[Row]:
        """Runs one statement and yields its rows one by one; must be read to its end.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._typed_errors():
            yield from self._connection.execute(sql, bindings)

    def changed_rows(self) -> int:
        """Rows changed by the last INSERT, UPDATE or DELETE."""
        return self._connection.changes()

    def inserted_row(self) -> int:
        """Number of the row the last INSERT made."""
        return self._connection.last_insert_rowid()

    @contextlib.contextmanager
    def transaction(self, *, growing: bool, essential: bool = False, spare_bytes: int = 0) -> Iterator[None]:
        """Everything the body writes, or nothing of it; on disk when this returns.

        Args:
            growing: True for what adds and may be refused; False for what frees room or finishes something begun,
                which may use the reserve.
            essential: True for what may use all but the last part of the disk space that is to stay free.
            spare_bytes: of the room allowed, to be left free by what grows.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        if growing:
            self._refuse_without_room(essential=essential)
        self._refuse_after_failure()
        try:
            room_bytes = self._settings.max_bytes - (spare_bytes if growing else 0)
            self._limit_pages(room_bytes // self._page_bytes + (0 if growing else _RESERVED_PAGES))
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
        except apsw.Error as error:
            raise self._noted(error) from error
        if self._log.grown_pages * self._page_bytes > 2 * _LONG_LOG_BYTES:
            self.fold_log()

    def fold_log(self) -> None:
        """Moves the write-ahead log into the main file. What was committed is safe without it, so nothing is raised.

        A full disk leaves it for the next time; a broken one shows in `failure` and in the next call.
        """
        if self._failure is None and self._log.pages:
            with contextlib.suppress(DoorwardError), self._typed_errors():
                in_log, moved = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._log.folded(in_log - moved)

    def fold_long_log(self) -> None:
        """Folds the log in where it has grown long; for an owner whose callers have been answered and who goes on."""
        if self._log.grown_pages * self._page_bytes > _LONG_LOG_BYTES:
            self.fold_log()

    def scrub(self) -> None:
        """Moves everything into the main file, where freed pages are zeroed, and empties the write-ahead log.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED, also where bytes remain in the log.
        """
        with self._typed_errors():
            remaining = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        wal = self.path.with_name(self.path.name + "-wal")
        if remaining != (0, 0) or (wal.exists() and wal.stat().st_size):
            raise self._file.damaged(f"the write-ahead log could not be emptied (frames left and moved: {remaining})")
        self._log.folded(0)

    def damage(self, found: str) -> Fault:
        """What the owner raises who finds that the content does not hold together; nothing works after that.

        Args:
            found: what was found.
        """
        self._failure = self._file.damaged(found)
        return self._failure

    def close(self) -> None:
        """Closes the file; the write-ahead log is folded in and removed. Closing again changes nothing.

        A disk that does not let it, or that has failed before, keeps the log beside the file; nothing is lost by that,
        so nothing is raised.
        """
        if self._failure is not None:
            close_as_it_is(self._connection)
        with contextlib.suppress(apsw.Error):
            self._connection.close()

    def _refuse_without_room(self, *, essential: bool) -> None:
        now_s = time.monotonic()
        if now_s < self._room_until_s:
            return
        free_bytes, spare_bytes = self._free_disk_bytes(), self._settings.spare_disk_bytes
        if free_bytes >= spare_bytes:
            self._room_until_s = now_s + _TRUST_ROOM_S
            return
        needed_bytes = spare_bytes // _LAST_PART if essential else spare_bytes
        if free_bytes < needed_bytes:
            raise self._file.no_room(f"{free_bytes} bytes are free on its disk, and {needed_bytes} have to stay free")

    def _free_disk_bytes(self) -> int:
        status = os.statvfs(self.path.parent)
        return status.f_bavail * status.f_frsize

    def _limit_pages(self, pages: int) -> None:
        if pages != self._page_limit:
            self._connection.pragma("max_page_count", pages)
            self._page_limit = pages

    def _roll_back(self) -> None:
        # SQLite has already rolled back by itself after some errors, a full disk among them.
        if self._connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        self._refuse_after_failure()
        try:
            yield
        except (apsw.Error, UnicodeDecodeError) as error:
            raise self._noted(error) from error

    def _refuse_after_failure(self) -> None:
        if (known := self._failure) is not None:
            raise Fault(known.reason, known.message, metadata=known.metadata)

    def _noted(self, error: apsw.Error | UnicodeDecodeError) -> DoorwardError:
        if isinstance(error, UnicodeDecodeError):
            # SQLite hands out whatever bytes a text has become.
            typed: DoorwardError = self._file.damaged(f"a text in it is none: {error}")
        else:
            typed = self._file.meaning_of(error)
        if isinstance(typed, Fault) and typed.reason is ErrorReason.STORAGE_FAILED:
            self._failure = typed
        return typed
