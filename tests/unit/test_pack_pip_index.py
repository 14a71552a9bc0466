"""Archives come from wherever pip is told to look, and only with the pinned hash."""

import hashlib
import io
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.pip_index import fetch_with_pip
from doorward_daemon.packs.source import SourceFile

NAME = "doorward_tiny_weights-1.0-py3-none-any.whl"


@cache  # a zip holds the time it was made
def _wheel() -> bytes:
    buffer = io.BytesIO()
    info = "doorward_tiny_weights-1.0.dist-info"
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("doorward_tiny_weights/weights.dat", b"weights")
        package.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: doorward-tiny-weights\nVersion: 1.0\n")
        package.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        package.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceFile:
    """A wheel in a folder that this machine's pip is set up to look into, and nowhere else."""
    content = _wheel()
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / NAME).write_bytes(content)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    digest = hashlib.sha256(content).hexdigest()
    return SourceFile(name=NAME, sha256=digest, size_bytes=len(content), pip="doorward-tiny-weights==1.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def test_archive_is_delivered_as_pinned(archive: SourceFile, folder: Path) -> None:
    assert fetch_with_pip(archive, folder, 5.0).read_bytes() == _wheel()


def test_archive_with_another_hash_is_not_delivered(archive: SourceFile, folder: Path) -> None:
    with pytest.raises(FetchFailure, match=r"(?i)hash"):
        fetch_with_pip(replace(archive, sha256="0" * 64), folder, 5.0)
    assert not (folder / NAME).exists()


def test_archive_the_index_does_not_have_is_told(archive: SourceFile, folder: Path) -> None:
    with pytest.raises(FetchFailure, match="doorward-tiny-weights==2"):
        fetch_with_pip(replace(archive, pip="doorward-tiny-weights==2.0"), folder, 5.0)
