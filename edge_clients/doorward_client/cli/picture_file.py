"""Pictures as files of the command line: written, and named in errors about them: the daemon saw bytes only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward_client.errors import DoorwardError, InvalidInput
from doorward_client.picture import shown

_OTHER_REASONS = frozenset(
    {
        "NO_FACE",
        "MULTIPLE_FACES",
        "QUALITY_TOO_LOW",
        "SUBJECT_DUPLICATE",
        "REFERENCE_OUTLIER",
        "TOO_MANY_REFERENCES",
        "MESSAGE_TOO_LARGE",
        "FILE_UNREADABLE",
    }
)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Adds the file to errors that are about its picture."""
    try:
        yield
    except DoorwardError as error:
        if concerns_picture(error) and "file" not in error.metadata:
            error.message = f"{shown(file)}: {error.message}"
            error.metadata["file"] = shown(file)
        raise


def concerns_picture(error: DoorwardError) -> bool:
    """Whether another picture may succeed where this one failed."""
    return error.reason.startswith("PICTURE_") or error.reason in _OTHER_REASONS


def write_picture(file: Path, content: bytes) -> None:
    """Writes a picture.

    Raises:
        InvalidInput: FILE_UNREADABLE with the file named.
    """
    try:
        file.write_bytes(content)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(
            "FILE_UNREADABLE",
            f"{shown(file)} cannot be written: {problem}; name another file",
            metadata={"file": shown(file)},
        ) from error
