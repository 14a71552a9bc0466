"""A disk that fails on command: SQLite's default file system with a fault at the n-th operation that changes a file."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw


class FailingDisk(apsw.VFS):
    """Counts writes, syncs and truncations of every SQLite file and fails one of them.

    Args:
        fault: raised; apsw.FullError for a full disk, apsw.IOError for a broken one.
    """

    NAME = "doorward-failing-disk"

    def __init__(self, fault: type[apsw.Error]) -> None:
        self.base = apsw.vfs_names()[0]
        super().__init__(self.NAME, base=self.base, makedefault=True)
        self._fault = fault
        self._left: int | None = None
        self._is_lasting = True
        self.has_failed = False

    def fail_after(self, operations: int, *, lasting: bool = True) -> None:
        """Lets so many operations pass, then fails one, or all from then on.

        Args:
            operations: how many pass.
            lasting: False for a disk that fails once and then works as if nothing had been.
        """
        self._left = operations
        self._is_lasting = lasting
        self.has_failed = False

    def repair(self) -> None:
        """Lets everything pass."""
        self._left = None

    def step(self) -> None:
        """Counts one operation; raises the fault when it is its turn."""
        if self._left is None:
            return
        if self._left == 0:
            self.has_failed = True
            if not self._is_lasting:
                self.repair()
            raise self._fault("the test's disk fails here")
        self._left -= 1

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "_FailingFile":  # noqa: N802 - SQLite's name
        """Opens a file of this disk."""
        return _FailingFile(self, name, flags)

    def sync_step(self) -> None:
        """Counts a sync or truncation; these break with the disk, but never because it is full."""
        if self._fault is not apsw.FullError:
            self.step()


class _FailingFile(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(disk.base, name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.step()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.sync_step()
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        self._disk.sync_step()
        super().xTruncate(size)


@contextmanager
def failing_disk(fault: type[apsw.Error]) -> Iterator[FailingDisk]:
    """Puts every database opened meanwhile on a failing disk; it works until told otherwise."""
    disk = FailingDisk(fault)
    try:
        yield disk
    finally:
        disk.unregister()
