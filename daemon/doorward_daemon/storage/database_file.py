"""A database file and the typed errors that tell a caller what happened to it."""

import errno
from dataclasses import dataclass
from pathlib import Path

import apsw

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, Fault, Overloaded
from doorward_daemon.storage.schema import Schema

_GIVE_ACCESS = "give the daemon's user write access, or set DOORWARD_HOME to another folder"
_STOP_OTHER = "another process holds it; stop that one, or set DOORWARD_HOME to a folder of its own"
_CHECK_DISK = "check the disk (kernel log) and restart the daemon; what was not written was not confirmed"
_NO_ACCESS = (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError)


class DatabaseDamaged(Fault):
    """The content of the file does not hold together (STORAGE_FAILED): the disk answers, but with the wrong bytes."""


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """Where a database is and what it is."""

    path: Path
    """The file."""
    schema: Schema
    """What it holds."""

    def meaning_of(self, error: apsw.Error) -> DoorwardError:
        """Names what an error of SQLite means for the caller.

        Args:
            error: what SQLite reported.
        """
        if isinstance(error, apsw.FullError):
            return self.no_room(str(error))
        if isinstance(error, apsw.BusyError | apsw.LockedError):
            found = f"{self.path}: {error}; {_STOP_OTHER}"
            return Conflict(ErrorReason.DATA_FOLDER_HELD, found, metadata=self._metadata())
        if isinstance(error, _NO_ACCESS):
            return unusable(self.path, str(error))
        if isinstance(error, apsw.CorruptError | apsw.NotADBError):
            return self.damaged(str(error))
        if isinstance(error, apsw.IOError):
            found = f"{self.path}: {error}; {_CHECK_DISK}"
            return Fault(ErrorReason.STORAGE_FAILED, found, metadata=self._metadata())
        found = f"{self.path}: {error!r}; this is a mistake in Doorward, please report it"
        return Fault(ErrorReason.INTERNAL, found, metadata=self._metadata())

    def damaged(self, found: str) -> DatabaseDamaged:
        """The error for a database whose content does not hold together.

        Args:
            found: what was found.
        """
        advice = f"stop the daemon, move this file and the one ending in -wal away together, then {self.schema.restore}"
        message = f"{self.path}: {found}; {advice}"
        return DatabaseDamaged(ErrorReason.STORAGE_FAILED, message, metadata={**self._metadata(), "found": found})

    def no_room(self, found: str) -> Overloaded:
        """The error for a write that was not made because there is not room enough.

        Args:
            found: what was found.
        """
        return no_room_for(self.path, found, f"free disk space or raise {self.schema.name}.max_bytes")

    def _metadata(self) -> dict[str, str]:
        return {"file": str(self.path)}


def file_error(path: Path, error: OSError) -> DoorwardError:
    """Names what an error of the file system means for the caller.

    Args:
        path: the file.
        error: what the system reported.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room_for(path, f"it cannot be written: {error.strerror}", "free disk space")
    return unusable(path, f"it cannot be read and written: {error.strerror}")


def no_room_for(path: Path, found: str, advice: str) -> Overloaded:
    """The error for a file that was not written because there is not room enough.

    Args:
        path: the file or folder.
        found: what was found.
        advice: what to do before the next try.
    """
    message = f"{path}: there is no room: {found}; {advice}, then try again"
    return Overloaded(ErrorReason.STORAGE_FULL, message, metadata={"file": str(path)})


def unusable(path: Path, found: str, advice: str = _GIVE_ACCESS) -> Conflict:
    """The error for a file or folder that a person has to put right.

    Args:
        path: the file or folder.
        found: what was found.
        advice: what to do now.
    """
    return Conflict(
        ErrorReason.DATA_FOLDER_UNUSABLE, f"{path}: {found}; {advice}", metadata={"folder": str(path.parent)}
    )
