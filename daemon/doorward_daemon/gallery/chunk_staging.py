"""Parts of a gallery that have come and are not in force: sealed files, kept over restarts, destroyed as a whole."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from doorward_daemon.gallery.settings import GallerySettings
from doorward_daemon.gallery.template_cipher import TemplateCipher
from doorward_daemon.gallery.transfer_cipher import TransferCipher, TransferSealBroken
from doorward_daemon.storage import file_error, no_room_for
from doorward_daemon.storage.durable import replace_durably, sync_folder
from doorward_sync.chunk_messages import GalleryChunk, GalleryPlace
from doorward_sync.chunk_rule import place_after, place_before
from doorward_sync.wire_chunk import pack_chunk, unpack_chunk

STAGING_FOLDER = "gallery-staging"
"""Name of the folder in the data folder."""
STALE_AFTER_S = 7 * 86_400.0
"""What nobody has gone on with for so long is removed at the next start."""
_KEY = "key"
_CHUNK = ".chunk"


class StagingBroken(Exception):
    """What was kept aside does not hold together any more: it has to come again."""


class ChunkStaging:
    """The chunks of one transfer: a file each, and the wrapped key of all. Thread-safe.

    Args:
        folder: where; made when it is needed.
        cipher: holds the device key.
        settings: how large a gallery may be, and how much of the disk is left alone.
    """

    def __init__(self, folder: Path, cipher: TemplateCipher, settings: GallerySettings) -> None:
        self._folder = folder
        self._cipher = cipher
        self._settings = settings
        self._lock = threading.Lock()
        self._bytes = 0
        self._place = self._load()

    @property
    def place(self) -> GalleryPlace | None:
        """What is here; None where nothing is."""
        return self._place

    def put(self, chunk: GalleryChunk) -> None:
        """Keeps a chunk aside: on disk, under its number, when this returns. The first one makes the key.

        Raises:
            StagingBroken: it does not follow what is here, which somebody may have destroyed meanwhile; or the key of
                what is here is damaged or gone.
            Overloaded: STORAGE_FULL; what was here is still here.
            Conflict: DATA_FOLDER_UNUSABLE.
        """
        with self._lock, self._typed_errors():
            if self._place != (None if chunk.number == 1 else place_before(chunk)):
                raise StagingBroken(f"chunk {chunk.number} does not follow {self._place}, which is kept aside")
            packed = pack_chunk(replace(chunk, session_id=""))
            self._check_room(len(packed))
            if self._place is None:
                self._folder.mkdir(mode=0o700, exist_ok=True)
                replace_durably(self._folder / _KEY, self._cipher.new_wrapped_transfer_key())
            sealed = self._transfer_cipher().seal(chunk.number, packed)
            replace_durably(self._path_of(chunk.number), sealed)
            self._bytes += len(sealed)
            self._place = place_after(chunk)

    def chunks(self) -> Iterator[GalleryChunk]:
        """Opens one chunk after the other, checked to follow each other up to `place`.

        Raises:
            StagingBroken: one is missing, damaged, or does not follow.
        """
        last = self._place
        number = 0
        before: GalleryPlace | None = None
        while last is not None and number < last.chunks:
            number += 1
            chunk = self._read(number)
            if before is not None and place_before(chunk) != before:
                raise StagingBroken(f"chunk {number} does not follow the one before it")
            before = place_after(chunk)
            yield chunk
        if before != last:
            raise StagingBroken(f"the chunks end at {before}, not at {last}")

    def clear(self) -> None:
        """Destroys everything that is here; on disk when this returns.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE.
        """
        with self._lock, self._typed_errors():
            self._clear()

    def _clear(self) -> None:
        self._place, self._bytes = None, 0
        if not self._folder.exists():
            return
        # The key first: without it nothing that a power cut leaves of the rest can be opened.
        (self._folder / _KEY).unlink(missing_ok=True)
        sync_folder(self._folder)
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()
        sync_folder(self._folder.parent)

    def _load(self) -> GalleryPlace | None:
        with self._typed_errors():
            paths = sorted(self._folder.glob(f"*{_CHUNK}")) if self._folder.exists() else []
            try:
                if not paths or time.time() - paths[-1].stat().st_mtime > STALE_AFTER_S:
                    raise StagingBroken("nothing that could be gone on with")
                place = place_after(self._read(len(paths)))
            except StagingBroken:
                self._clear()
                return None
            self._bytes = sum(path.stat().st_size for path in paths)
            return place

    def _read(self, number: int) -> GalleryChunk:
        cipher = self._transfer_cipher()
        try:
            chunk = unpack_chunk(cipher.open(number, self._path_of(number).read_bytes()))
        except (OSError, TransferSealBroken) as error:
            raise StagingBroken(f"chunk {number}: {error}") from error
        if chunk.number != number:
            raise StagingBroken(f"chunk {number} says it is {chunk.number}")
        return chunk

    def _transfer_cipher(self) -> TransferCipher:
        try:
            return self._cipher.of_transfer((self._folder / _KEY).read_bytes())
        except (OSError, TransferSealBroken) as error:
            raise StagingBroken(f"the key: {error}") from error

    def _check_room(self, more_bytes: int) -> None:
        free_bytes = shutil.disk_usage(self._folder.parent).free
        if self._bytes + more_bytes > self._settings.max_bytes:
            raise no_room_for(self._folder, f"{self._bytes} bytes are kept aside already", "raise gallery.max_bytes")
        if free_bytes - more_bytes < self._settings.spare_disk_bytes:
            raise no_room_for(self._folder, f"{free_bytes} bytes of the disk are free", "free disk space")

    def _path_of(self, number: int) -> Path:
        return self._folder / f"{number:08d}{_CHUNK}"

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise file_error(self._folder, error) from error
