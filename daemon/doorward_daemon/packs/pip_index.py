"""Fetches an archive from the package index that pip is set up for: its mirrors, proxies and certificates apply."""

import subprocess
import sys
from pathlib import Path

from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.source import SourceFile

_LONGEST_S = 1800.0


def fetch_with_pip(archive: SourceFile, folder: Path, timeout_s: float) -> Path:
    """Downloads one archive; nothing is installed.

    pip compares the hash before it looks into the archive. For a source archive it then asks the package for its
    metadata, which runs that package's own setup file, of the pinned content, with the setuptools of this environment.

    Args:
        archive: with `pip`, the requirement.
        folder: an empty folder to download into.
        timeout_s: how long the index may say nothing.

    Returns:
        The archive, its hash checked once more.

    Raises:
        FetchFailure: pip could not deliver it.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive.pip} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
    _run_pip(requirements, folder, timeout_s, source=not archive.name.endswith(".whl"))
    path = folder / archive.name
    if not path.is_file() or identify_file(path).sha256 != archive.sha256:
        raise FetchFailure(f"did not deliver {archive.name} with sha256 {archive.sha256}")
    return path


def _run_pip(requirements: Path, folder: Path, timeout_s: float, *, source: bool) -> None:
    kind = ["--no-binary", ":all:", "--no-build-isolation"] if source else ["--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--no-deps"]
    command += ["--require-hashes", "--quiet", "--progress-bar", "off", "--retries", "0", *kind]
    command += ["--timeout", str(max(1, round(timeout_s))), "--dest", str(folder), "--requirement", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        raise FetchFailure(f"was not done after {_LONGEST_S:g} s") from None
    if done.returncode:
        told = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise FetchFailure(next((line for line in told if "ERROR" in line), told[-1] if told else "failed"))
