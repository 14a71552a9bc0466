"""Fixtures every test may use: development pictures and model packs, skipped by name where they cannot be had."""

import os
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.packs import pack_or_skip

pytest_plugins = ["doorward_testing.campaign"]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of development pictures and weights."""
    folder = Path(os.environ.get("DOORWARD_ASSETS", ROOT.parent / "shared")).resolve()
    if not (folder / "models").is_dir():
        pytest.skip("DOORWARD_ASSETS: the development pictures are not on this machine")
    return folder


@pytest.fixture(scope="session")
def compact_pack() -> InstalledPack:
    """The compact pack, installed and checked."""
    return pack_or_skip(ROOT, "compact")


@pytest.fixture(scope="session")
def starter_pack() -> InstalledPack:
    """The starter pack, installed and checked."""
    return pack_or_skip(ROOT, "starter")


@pytest.fixture(scope="session")
def any_pack() -> InstalledPack:
    """The first of compact and starter that can be had, as a new box would choose."""
    return pack_or_skip(ROOT, "auto")
