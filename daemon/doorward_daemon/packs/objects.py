"""Files named by the hash of their content."""

import os
import shutil
from pathlib import Path

from doorward_daemon.packs.durable import sync_file
from doorward_daemon.packs.file_identity import identify_file

_READ_ONLY = 0o444


class ObjectFolder:
    """One file per content; a file that no longer fits its name is dropped, never used.

    Args:
        folder: where they lie; made on the first `take`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, sha256: str) -> Path:
        """Where the file with this content lies, should it be there."""
        return self._folder / sha256

    def find(self, sha256: str) -> Path | None:
        """The file with this content, read and checked; None where there is none.

        Args:
            sha256: 64 hexadecimal digits.

        Raises:
            OSError: it cannot be read.
        """
        path = self.path_of(sha256)
        if not path.is_file():
            return None
        if identify_file(path).sha256 == sha256:
            return path
        path.unlink()
        return None

    def take(self, file: Path, sha256: str) -> Path:
        """Moves a checked file in, durably.

        Args:
            file: on the same file system; gone afterwards.
            sha256: its hash, checked by the caller.

        Returns:
            Where it lies now.

        Raises:
            OSError: it could not be moved.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        file.chmod(_READ_ONLY)
        sync_file(file)
        path = self.path_of(sha256)
        file.replace(path)
        sync_file(self._folder)
        return path

    def prune(self, keep: set[str]) -> None:
        """Removes every file whose hash is not among `keep`."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.name not in keep:
                    path.unlink(missing_ok=True)


def place_copy(file: Path, target: Path) -> None:
    """Gives a file a second name, as a link where the file system has them.

    Args:
        file: an object.
        target: does not exist; its folder does.

    Raises:
        OSError: neither a link nor a copy could be made.
    """
    try:
        os.link(file, target)
    except OSError:  # FAT on a memory stick, or another file system
        shutil.copyfile(file, target)
        sync_file(target)
