"""Compiled networks kept between starts, each sealed with a digest of its bytes."""

import hashlib
import logging
from pathlib import Path

_DIGEST_BYTES = 32
_MOST_FILES = 32

_log = logging.getLogger(__name__)


class SealedCache:
    """A folder of compiled networks.

    A compiled network holds the weights once more. A library reads it back without a check: four changed bytes moved an
    embedding from -1.04 to -0.15 in silence (OpenVINO 2026.4). So nothing is read back whose digest does not fit.
    The cache only saves time: whatever goes wrong with it is logged, and the network is compiled anew.

    Args:
        folder: made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> bytes | None:
        """Reads a compiled network; None where there is none or it is damaged.

        Args:
            key: file name without suffix.
        """
        path = self._path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("compiled network not read: %s", error)
            return None
        payload = content[_DIGEST_BYTES:]
        if hashlib.sha256(payload).digest() != content[:_DIGEST_BYTES]:
            _log.warning("compiled network damaged, compiling anew: %s", path)
            return None
        return payload

    def store(self, key: str, payload: bytes) -> None:
        """Keeps a compiled network; the oldest ones make room."""
        path = self._path(key)
        unfinished = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(hashlib.sha256(payload).digest() + payload)
            unfinished.replace(path)
            self._make_room()
        except OSError as error:
            _log.warning("compiled network not kept, the next start is slower: %s", error)

    def _make_room(self) -> None:
        files = sorted(self._folder.glob("*.blob"), key=lambda path: path.stat().st_mtime_ns)
        for path in files[:-_MOST_FILES]:
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.blob"
