"""Finds a file by its content in a folder somebody gave us, such as a memory stick."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.source import SourceFile

# A whole disk given by mistake must not be walked to its end.
_MAX_DEPTH = 5
_MAX_FILES = 20_000


def find_in_folder(folder: Path, wanted: SourceFile) -> tuple[Path | None, str]:
    """Looks for a file with the wanted size and hash, whatever its name.

    Args:
        folder: upstream files, or a copy of another box's pack store.
        wanted: what to find.

    Returns:
        Its path, or None with the reason why there is none.
    """
    if not folder.is_dir():
        return None, "the folder does not exist"
    reason = f"no file there has sha256 {wanted.sha256}"
    for path in islice(_files(folder), _MAX_FILES):
        fits, why = _compare(path, wanted)
        if fits:
            return path, ""
        reason = why or reason
    return None, reason


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if depth < _MAX_DEPTH)
        yield from (Path(place, name) for name in sorted(files))


def _compare(path: Path, wanted: SourceFile) -> tuple[bool, str]:
    """Whether the file is the wanted one; a file of the wanted name that is not is worth a word."""
    named = path.name == wanted.name
    try:
        size = path.stat().st_size
        if size != wanted.size_bytes:
            return False, f"{path} has {size} bytes, expected {wanted.size_bytes}" if named else ""
        found = identify_file(path).sha256
    except OSError as error:
        return False, f"{path} cannot be read: {error}" if named else ""
    if found == wanted.sha256:
        return True, ""
    return False, f"{path} has sha256 {found}, expected {wanted.sha256}" if named else ""
