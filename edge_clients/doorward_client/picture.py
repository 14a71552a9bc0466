"""Pictures as a caller holds them, a file or bytes, made ready to be sent."""

from pathlib import Path

from doorward_api.v1.picture_pb2 import Picture
from doorward_client.errors import InvalidInput


def read_picture(source: bytes | Path, max_bytes: int) -> Picture:
    """Reads a picture; what it shows is for the daemon to judge.

    Args:
        source: the encoded picture, or the file that holds it.
        max_bytes: largest content that can be sent at all; a larger file is not read to its end.

    Raises:
        InvalidInput: FILE_UNREADABLE with the file named, PICTURE_TOO_LARGE.
        TypeError: the source is neither bytes nor a Path.
    """
    if isinstance(source, bytes):
        content, name, origin = source, "the picture", {}
    elif isinstance(source, Path):
        content, name, origin = _read(source, max_bytes + 1), shown(source), {"file": shown(source)}
    else:
        raise TypeError(f"a picture is given as bytes or as pathlib.Path, not as {type(source).__name__}")
    if len(content) > max_bytes:
        raise InvalidInput(
            "PICTURE_TOO_LARGE",
            f"{name} has more than the {max_bytes} bytes that can be sent; make it smaller",
            metadata={"limit": str(max_bytes), "found": f"more than {max_bytes}", **origin},
        )
    return Picture(content=content)


def check_readable(file: Path) -> None:
    """Fails where the file cannot be read, before anything is asked of the daemon.

    Raises:
        InvalidInput: FILE_UNREADABLE with the file named.
    """
    _read(file, 0)


def shown(path: Path) -> str:
    """The path as text that can be written anywhere, also where its bytes are no UTF-8."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _read(file: Path, at_most_bytes: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(at_most_bytes)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(
            "FILE_UNREADABLE",
            f"{shown(file)} cannot be read: {problem}; name a picture file",
            metadata={"file": shown(file)},
        ) from error
