"""A disk that stalls, fills or fails when a test says so."""

import threading
from typing import Any

import apsw


class FaultyFile(apsw.VFSFile):
    """A file on such a disk."""

    def __init__(self, name: Any, flags: list[int], disk: "FaultyDisk") -> None:  # noqa: ANN401
        self._disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.before_write()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.before_sync()
        super().xSync(flags)


class FaultyDisk(apsw.VFS):
    """The system's files until a fault is switched on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers = threading.Event()
        """Cleared while the disk stalls in every sync."""
        self.answers.set()
        self.stalled = threading.Event()
        """Set once somebody waits for a stalled disk."""
        self.fails_to_sync = False
        """Every sync is an I/O error."""
        self.is_full = False
        """Every write finds no room."""
        self.calls_before_failure = -1
        """So many writes and syncs succeed, the rest fail; -1 = all succeed."""
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> FaultyFile:  # noqa: ANN401, N802 - SQLite's name
        return FaultyFile(name, flags, self)

    def before_write(self) -> None:
        """Called before every write."""
        self._count_down()
        if self.is_full:
            raise apsw.FullError("no room (test)")

    def before_sync(self) -> None:
        """Called before every sync."""
        self._count_down()
        if not self.answers.is_set():
            self.stalled.set()
            self.answers.wait(30)
        if self.fails_to_sync:
            raise apsw.IOError("sync failed (test)")

    def _count_down(self) -> None:
        if self.calls_before_failure == 0:
            raise apsw.IOError("the call failed (test)")
        if self.calls_before_failure > 0:
            self.calls_before_failure -= 1
