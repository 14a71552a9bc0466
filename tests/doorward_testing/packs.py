"""Packs for tests: installed once into build/test-packs and reused by later runs."""

import os
from pathlib import Path

import pytest

from doorward_daemon.errors import DoorwardError
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_testing.locked import locked


def pack_or_skip(root: Path, name: str) -> InstalledPack:
    """Opens a pack, pulling it first where needed.

    Args:
        root: the repository.
        name: compact, starter, or auto for the first that can be had.
    """
    # A store of its own for each wish: the first pack of a store is its active one, and `auto` means that.
    store = PackStore(root / "build" / "test-packs" / name)
    assets = Path(os.environ.get("DOORWARD_ASSETS", root.parent / "shared"))
    sources = PullSources(assets=assets if assets.is_dir() else None, folder=None, offline=False)
    try:
        with locked(root / "build" / "test-packs" / f"{name}.lock"):
            return pull_pack(store, name, sources, SilentProgress())
    except DoorwardError as error:
        pytest.skip(f"pack {name} cannot be had here: {error.message}")
