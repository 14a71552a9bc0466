"""A copy of an open database beside it, made piece by piece so that nobody waits; two generations are kept.

A copy bounds what a person can lose to a broken disk. It is never put back by the program: numbers given after it was
made would be given again.
"""

import contextlib
import os
import time
from pathlib import Path

import apsw

from doorward_daemon.storage.durable import sync_folder

_PAGES_AT_ONCE = 256
"""About a millisecond."""
_EVERY_S = 86_400.0


class DailyBackup:
    """Makes <file>.bak once a day and keeps the one before as <file>.bak.1. For the thread that owns the connection.

    Args:
        connection: the database.
        path: its file.
    """

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._draft = path.with_name(path.name + ".bak.new")
        self._target: apsw.Connection | None = None
        self._copying: apsw.Backup | None = None

    @property
    def is_running(self) -> bool:
        """Whether a copy is half made."""
        return self._copying is not None

    def is_due(self) -> bool:
        """Whether the newest copy is a day old, by the file's own time, or stands in the future."""
        try:
            return abs(time.time() - self._newest.stat().st_mtime) >= _EVERY_S
        except OSError:
            return True

    def step(self) -> bool:
        """Copies the next piece; returns whether a copy was completed.

        Raises:
            apsw.Error: the copy cannot be read or written; it is given up.
            OSError: as above.
        """
        try:
            if self._copying is None:
                self._begin()
            if self._copying is None or not self._copying.step(_PAGES_AT_ONCE):
                return False
            self._finish()
        except BaseException:
            self.give_up()
            raise
        return True

    def give_up(self) -> None:
        """Throws a half made copy away."""
        with contextlib.suppress(apsw.Error):
            if self._copying is not None:
                self._copying.close(True)
        with contextlib.suppress(apsw.Error):
            if self._target is not None:
                self._target.close()
        self._copying = self._target = None
        self._draft.unlink(missing_ok=True)

    @property
    def _newest(self) -> Path:
        return self._path.with_name(self._path.name + ".bak")

    def _begin(self) -> None:
        self._draft.unlink(missing_ok=True)
        os.close(os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._target = apsw.Connection(str(self._draft))
        self._copying = self._target.backup("main", self._connection, "main")

    def _finish(self) -> None:
        if self._copying is None or self._target is None:
            return
        self._copying.finish()
        # A file that stands alone: its log would have to be carried beside it.
        self._target.pragma("journal_mode", "DELETE")
        self._target.close()
        self._copying = self._target = None
        _sync_file(self._draft)
        with contextlib.suppress(FileNotFoundError):
            self._newest.replace(self._path.with_name(self._path.name + ".bak.1"))
        self._draft.replace(self._newest)
        sync_folder(self._path.parent)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
