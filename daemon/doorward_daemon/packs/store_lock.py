"""One pull at a time in one store."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward_daemon.packs.progress import Progress

FILE_NAME = ".lock"


@contextmanager
def hold_store(root: Path, progress: Progress) -> Iterator[None]:
    """Holds the store for one process; another one waits, and says so.

    The kernel lets go of the lock when the process ends, however it ends.

    Args:
        root: the store; exists.
        progress: told while another pull is being waited for.

    Raises:
        OSError: the lock file cannot be opened.
    """
    with (root / FILE_NAME).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.start("waiting for another pull to end", None)
            fcntl.flock(file, fcntl.LOCK_EX)
            progress.done()
        yield
