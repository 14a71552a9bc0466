"""Folders of photos, one folder per person or per kind."""

from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput

PHOTO_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})
"""Endings of the picture formats the daemon reads; other files are passed over."""


@dataclass(frozen=True, slots=True)
class PhotoGroup:
    """Photos that belong together: of one person, of one kind of attack."""

    name: str
    """Name of their folder."""
    photos: tuple[Path, ...]
    """Their files, sorted by name; at least one."""


def photos_in(folder: Path) -> tuple[Path, ...]:
    """The photos directly in a folder, sorted by name; hidden files and other formats are passed over.

    Raises:
        InvalidInput: FIELD_INVALID, there is no such folder or it cannot be read.
    """
    return tuple(entry for entry in _entries(folder) if _is_photo(entry))


def photos_below(folder: Path) -> tuple[Path, ...]:
    """The photos in a folder and in all folders below it, sorted by path.

    Raises:
        InvalidInput: FIELD_INVALID, there is no such folder, it cannot be read, or holds no photo.
    """
    folders = [entry for entry in _entries(folder) if entry.is_dir() and not entry.name.startswith(".")]
    deeper = [entry for place in folders for entry in sorted(place.rglob("*")) if _is_photo(entry)]
    photos = (*photos_in(folder), *deeper)
    if not photos:
        raise bad_folder(folder, "holds no photo")
    return photos


def groups_in(folder: Path) -> tuple[PhotoGroup, ...]:
    """The folders with photos directly in a folder, sorted by name.

    Raises:
        InvalidInput: FIELD_INVALID, there is no such folder or it cannot be read.
    """
    folders = [entry for entry in _entries(folder) if entry.is_dir() and not entry.name.startswith(".")]
    groups = [PhotoGroup(entry.name, photos_in(entry)) for entry in folders]
    return tuple(group for group in groups if group.photos)


def bad_folder(folder: Path, problem: str) -> InvalidInput:
    """The error for a folder that cannot be evaluated.

    Args:
        folder: as named by the person.
        problem: what was found and what was expected, going on after the folder's name.
    """
    return InvalidInput(
        ErrorReason.FIELD_INVALID,
        f"{folder}: {problem}; docs/evaluation.md says how the folder is to be laid out",
        metadata={"folder": str(folder)},
        problems=[FieldProblem("DIR", f"{folder} {problem}")],
    )


def unreadable(argument: str, path: Path, error: OSError) -> InvalidInput:
    """The error for a file named on the command line that cannot be read."""
    problem = f"{path} cannot be read: {error.strerror}"
    return InvalidInput(
        ErrorReason.FIELD_INVALID,
        f"{argument}: {problem}; name a file that can",
        metadata={"file": str(path)},
        problems=[FieldProblem(argument, problem)],
    )


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise bad_folder(folder, f"cannot be read as a folder: {error.strerror}") from error


def _is_photo(entry: Path) -> bool:
    return entry.suffix.lower() in PHOTO_SUFFIXES and not entry.name.startswith(".") and entry.is_file()
