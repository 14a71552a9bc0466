"""File systems of the size of a test: small, short of inodes, one that freezes; skipped where root would be needed."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "14m", inodes: int = 0) -> Iterator[Path]:
    """A file system in memory, mounted while the body runs.

    Args:
        folder: where; made here.
        size: as mount takes it.
        inodes: most files and folders; 0 = as many as fit.
    """
    options = f"size={size}" + (f",nr_inodes={inodes}" if inodes else "")
    with _mounted(folder, ["-t", "tmpfs", "-o", options, "tmpfs"]):
        yield folder


@contextlib.contextmanager
def freezable_disk(folder: Path, size_mib: int = 32) -> Iterator[Path]:
    """An ext4 file system in a file, mounted while the body runs; `frozen` stops it.

    Args:
        folder: where; made here.
        size_mib: of the file.
    """
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(size_mib * 1024 * 1024)
    try:
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("mount: this machine makes no file system in a file")
    with _mounted(folder, ["-o", "loop", str(image)]):
        yield folder


@contextlib.contextmanager
def frozen(disk: Path) -> Iterator[None]:
    """Nothing is written to a freezable disk while the body runs: every write waits."""
    if subprocess.run(["fsfreeze", "--freeze", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("mount: this machine freezes no file system")
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", str(disk)], check=True)


@contextlib.contextmanager
def filled(disk: Path, leaving_bytes: int = 0) -> Iterator[None]:
    """Another program has taken every byte, or all but some, while the body runs.

    Args:
        disk: the file system.
        leaving_bytes: what it leaves.
    """
    ballast = disk / "ballast"
    status = os.statvfs(disk)
    blocks = status.f_bavail - leaving_bytes // status.f_frsize
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for _ in range(blocks):
            file.write(bytes(status.f_frsize))
    assert os.statvfs(disk).f_bavail * status.f_frsize <= leaving_bytes
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def without_inodes(disk: Path) -> Iterator[None]:
    """No file can be made while the body runs."""
    made = []
    with contextlib.suppress(OSError):
        for number in range(100_000):
            file = disk / f"inode-{number}"
            file.touch()
            made.append(file)
    try:
        yield
    finally:
        for file in made:
            file.unlink()


@contextlib.contextmanager
def _mounted(folder: Path, arguments: list[str]) -> Iterator[None]:
    folder.mkdir(parents=True)
    try:
        done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("mount: there is no such command here")
    if done.returncode:
        pytest.skip("mount: this user may not mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
