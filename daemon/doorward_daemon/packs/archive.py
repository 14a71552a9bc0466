"""Takes one named file out of a checked archive; nothing else of it is unpacked."""

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.source import SourceFile


def extract_member(archive: Path, wanted: SourceFile, target: Path) -> None:
    """Writes one member of an archive to a file and checks it.

    Args:
        archive: .whl, .zip, or .tar in any compression; its hash has been checked.
        wanted: names the member, and its size and hash.
        target: the file to write; where it lies has nothing to do with the member's path.

    Raises:
        FetchFailure: the member is not there, or is not what was expected; `target` may exist.
        OSError: `target` cannot be written.
    """
    try:
        with _member(archive, wanted.member) as (member, size_bytes):
            if size_bytes != wanted.size_bytes:
                raise FetchFailure(f"{wanted.member} has {size_bytes} bytes, expected {wanted.size_bytes}")
            with target.open("wb") as file:
                shutil.copyfileobj(member, file)
    except KeyError:
        raise FetchFailure(f"holds no {wanted.member}") from None
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise FetchFailure(f"cannot be read: {error}") from error
    found = identify_file(target).sha256
    if found != wanted.sha256:
        raise FetchFailure(f"{wanted.member} has sha256 {found}, expected {wanted.sha256}")


@contextmanager
def _member(archive: Path, member: str) -> Iterator[tuple[IO[bytes], int]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as file:
            yield file, wheel.getinfo(member).file_size
        return
    with tarfile.open(archive) as package:
        entry = package.getmember(member)
        plain = package.extractfile(entry) if entry.isreg() else None
        if plain is None:
            raise FetchFailure(f"{member} is no plain file")
        with plain:
            yield plain, entry.size
