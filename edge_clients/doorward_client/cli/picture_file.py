"""Names the file in errors about the picture in it: the daemon saw bytes only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorward_client.errors import DoorwardError
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
