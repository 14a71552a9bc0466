"""Turns the errors of SQLite into the typed errors of the daemon."""

import errno
from pathlib import Path

import apsw

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, Fault, Overloaded

_MAKE_ROOM = "free disk space or raise gallery.max_bytes, then try again"
_GIVE_ACCESS = "give the daemon's user write access, or set DOORWARD_HOME to another folder"
_STOP_OTHER = "another process holds it; stop that one, or set DOORWARD_HOME to a folder of its own"
_RESTORE = (
    "stop the daemon, move this file and the one ending in -wal away together, then restore them from a backup, "
    "or start with an empty gallery and enrol again"
)
_CHECK_DISK = "check the disk (kernel log) and restart the daemon; what was not written was not confirmed"

_MEANINGS: tuple[tuple[tuple[type[apsw.Error], ...], type[DoorwardError], ErrorReason, str], ...] = (
    ((apsw.FullError,), Overloaded, ErrorReason.STORAGE_FULL, _MAKE_ROOM),
    ((apsw.BusyError, apsw.LockedError), Conflict, ErrorReason.DATA_FOLDER_HELD, _STOP_OTHER),
    (
        (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError),
        Conflict,
        ErrorReason.DATA_FOLDER_UNUSABLE,
        _GIVE_ACCESS,
    ),
    ((apsw.CorruptError, apsw.NotADBError), Fault, ErrorReason.STORAGE_FAILED, _RESTORE),
    ((apsw.IOError,), Fault, ErrorReason.STORAGE_FAILED, _CHECK_DISK),
)


def storage_error(path: Path, error: apsw.Error) -> DoorwardError:
    """Names what an error of SQLite means for the caller.

    Args:
        path: the database file.
        error: what SQLite reported.
    """
    for kinds, answer, reason, advice in _MEANINGS:
        if isinstance(error, kinds):
            return answer(reason, f"{path}: {error}; {advice}", metadata={"file": str(path)})
    advice = "this is a mistake in Doorward, please report it"
    return Fault(ErrorReason.INTERNAL, f"{path}: {error!r}; {advice}", metadata={"file": str(path)})


def file_error(path: Path, error: OSError) -> DoorwardError:
    """Names what an error of the file system means for the caller.

    Args:
        path: the file.
        error: what the system reported.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room(path, f"it cannot be written: {error.strerror}")
    return unusable(path, f"it cannot be read and written: {error.strerror}")


def damaged(path: Path, found: str) -> Fault:
    """The error for a database whose content does not hold together.

    Args:
        path: the database file.
        found: what was found.
    """
    return Fault(ErrorReason.STORAGE_FAILED, f"{path}: {found}; {_RESTORE}", metadata={"file": str(path)})


def no_room(path: Path, found: str) -> Overloaded:
    """The error for a write that was not begun because it would not leave room enough.

    Args:
        path: the database file.
        found: what was found.
    """
    return Overloaded(ErrorReason.STORAGE_FULL, f"{path}: {found}; {_MAKE_ROOM}", metadata={"file": str(path)})


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
