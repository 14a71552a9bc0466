"""Writing to the store so that a power cut leaves the old or the new, never half."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason, Fault, Overloaded

_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNUSABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}


def sync_file(path: Path) -> None:
    """Waits until a file or a folder itself is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, content: bytes) -> None:
    """Replaces a small file in one step.

    Args:
        path: the file; its folder exists.
        content: all of it.

    Raises:
        OSError: it could not be written; the old file is as it was.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        sync_file(fresh)
        fresh.replace(path)
        sync_file(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turns failures of the file system into typed errors.

    Args:
        place: the store, for the message.

    Raises:
        Overloaded: STORAGE_FULL.
        Conflict: DATA_FOLDER_UNUSABLE, no permission, read-only, or no folder.
        Fault: STORAGE_FAILED, anything else.
    """
    try:
        yield
    except OSError as error:
        told = f"the pack store {place}: {error}"
        if error.errno in _FULL:
            raise Overloaded(ErrorReason.STORAGE_FULL, f"{told}; free some space and try again") from error
        if error.errno in _UNUSABLE:
            wanted = "it has to be a folder this user may write to"
            raise Conflict(ErrorReason.DATA_FOLDER_UNUSABLE, f"{told}; {wanted}") from error
        raise Fault(ErrorReason.STORAGE_FAILED, told) from error
