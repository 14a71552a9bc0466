"""The folder a daemon lives in: laid out, checked, and held by one daemon at a time."""

import fcntl
import os
import uuid
from pathlib import Path
from types import TracebackType

from doorward_daemon.errors import Conflict, ErrorReason

SUBFOLDERS = ("data", "packs", "run", "log", "cache")
"""Folders of a home, in the order they are made."""


class DataFolder:
    """A home folder held exclusively until closed.

    The lock is the kernel's (flock): it vanishes with the process, so that a killed daemon never leaves a stale one.

    Args:
        home: the folder; made where it does not exist.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._lock_fd: int | None = None

    def __enter__(self) -> "DataFolder":
        """Makes the folders, proves that they can be written, and takes the lock.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE or DATA_FOLDER_HELD.
        """
        try:
            for name in SUBFOLDERS:
                (self.home / name).mkdir(parents=True, exist_ok=True, mode=0o750)
            self._lock_fd = os.open(self.home / "data" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise _unusable(self.home, error) from error
        self._take_lock(self._lock_fd)
        try:
            self._prove_writable()
        except OSError as error:
            self._release()
            raise _unusable(self.home, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the folder free."""
        self._release()

    def device_id(self) -> str:
        """Identity of this device, made once for this data folder.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE, it can be neither read nor written.
        """
        path = self.home / "data" / "device_id"
        try:
            if path.is_file() and (known := path.read_text(encoding="ascii").strip()):
                return known
            made = str(uuid.uuid4())
            fresh = path.with_suffix(".new")
            with fresh.open("w", encoding="ascii") as file:
                file.write(made + "\n")
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            raise _unusable(self.home, error) from error
        return made

    def _take_lock(self, lock_fd: int) -> None:
        try:
            fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(lock_fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
            self._release()
            raise Conflict(
                ErrorReason.DATA_FOLDER_HELD,
                f"{self.home}: another daemon (process {holder}) holds this data folder; stop it, or set "
                "DOORWARD_HOME to a folder of its own",
                metadata={"folder": str(self.home), "process": holder},
            ) from error
        os.ftruncate(lock_fd, 0)

    def _prove_writable(self) -> None:
        # The lock file doubles as the probe: writing it fails on a read-only or full folder before anything else does.
        if self._lock_fd is not None:
            os.pwrite(self._lock_fd, f"{os.getpid()}\n".encode("ascii"), 0)
            os.fsync(self._lock_fd)

    def _release(self) -> None:
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None


def _unusable(home: Path, error: OSError) -> Conflict:
    return Conflict(
        ErrorReason.DATA_FOLDER_UNUSABLE,
        f"{home}: the data folder cannot be used: {error.strerror} ({error.filename or home}); give the daemon's user "
        "write access and free space, or set DOORWARD_HOME to another folder",
        metadata={"folder": str(home)},
    )
