"""What a file is, told by its content."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Hash and size of a content."""

    sha256: str
    """64 hexadecimal digits."""
    size_bytes: int
    """Number of bytes."""


def identify_file(path: Path) -> FileIdentity:
    """Reads a file once and says what it is.

    Args:
        path: an existing file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileIdentity(digest.hexdigest(), file.tell())
