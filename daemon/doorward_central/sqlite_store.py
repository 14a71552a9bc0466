"""The event store on SQLite: one file, one thread, group commit."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw

from doorward_api.v1 import centre_pb2, centre_service_pb2
from doorward_central.device_rows import note_gallery, note_hello
from doorward_central.error import CentreError
from doorward_central.event_rows import have_of, store_batch
from doorward_central.gallery_rows import gallery_revision, merge_local, read_delta
from doorward_central.hint_rows import note_hint
from doorward_central.listing import list_devices, list_events, list_subjects
from doorward_central.store_thread import StoreThread
from doorward_central.subject_writing import create_subject, erase_subject
from doorward_central.time_rows import note_anchor
from doorward_sync.centre_storage import (
    BatchStored,
    GalleryRead,
    LanesLoaded,
    LocalSubjectsStored,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.messages import Hello

Answer = TypeVar("Answer")


class SqliteStore:
    """An EventStore. Made by `open_sqlite_store`.

    Args:
        thread: owns the database.
    """

    def __init__(self, thread: StoreThread) -> None:
        self._thread = thread

    @property
    def failure(self) -> CentreError | None:
        """What broke the disk; None while it works."""
        return self._thread.failure

    async def greet(self, hello: Hello, address: str) -> LanesLoaded:
        """As EventStore."""

        def work(connection: apsw.Connection) -> LanesLoaded:
            note_hello(connection, hello, address, _now_us())
            for anchor in hello.anchors:
                note_anchor(connection, hello.device_id, anchor)
            return LanesLoaded(have_of(connection, hello.device_id, hello.epoch))

        return await self._do(work)

    async def store_batch(self, command: StoreBatch) -> BatchStored:
        """As EventStore."""
        return await self._do(lambda connection: store_batch(connection, command, _now_us()))

    async def note_anchor(self, command: StoreAnchor) -> None:
        """As EventStore."""
        await self._do(lambda connection: note_anchor(connection, command.device_id, command.anchor))

    async def note_hint(self, command: StoreHint) -> bool:
        """As EventStore."""
        return await self._do(lambda connection: note_hint(connection, command.device_id, command.event, _now_us()))

    async def read_gallery(self, command: ReadGallery) -> GalleryRead:
        """As EventStore."""
        return await self._do(lambda connection: GalleryRead(read_delta(connection, command)))

    async def store_local(self, command: StoreLocalSubjects) -> LocalSubjectsStored:
        """As EventStore."""
        return await self._do(lambda connection: merge_local(connection, command, _now_us()))

    async def note_gallery(self, device_id: str, revision: int) -> None:
        """As EventStore."""
        await self._do(lambda connection: note_gallery(connection, device_id, revision, _now_us()))

    async def gallery_revision(self) -> int:
        """As EventStore."""
        return await self._do(gallery_revision)

    async def list_events(
        self, request: centre_service_pb2.ListStoredEventsRequest
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """As EventStore."""
        return await self._do(lambda connection: list_events(connection, request))

    async def list_devices(
        self, request: centre_service_pb2.ListDevicesRequest
    ) -> centre_service_pb2.ListDevicesResponse:
        """As EventStore."""
        return await self._do(lambda connection: list_devices(connection, request))

    async def list_subjects(
        self, request: centre_service_pb2.ListFleetSubjectsRequest
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """As EventStore."""
        return await self._do(lambda connection: list_subjects(connection, request))

    async def create_subject(self, request: centre_service_pb2.CreateFleetSubjectRequest) -> centre_pb2.CentreSubject:
        """As EventStore."""
        return await self._do(lambda connection: create_subject(connection, request, _now_us()))

    async def erase_subject(self, request: centre_service_pb2.EraseFleetSubjectRequest) -> centre_pb2.CentreSubject:
        """As EventStore."""
        tombstone = await self._do(lambda connection: erase_subject(connection, request, _now_us()))
        await asyncio.wrap_future(self._thread.submit_outside(_empty_log))
        return tombstone

    async def _do(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        return await asyncio.wrap_future(self._thread.submit(work))


@contextlib.contextmanager
def open_sqlite_store(folder: Path, max_bytes: int) -> Iterator[SqliteStore]:
    """Opens the store of a data folder; finishes its work and closes it at the end of the body.

    Args:
        folder: the data folder.
        max_bytes: size from which nothing is added.

    Raises:
        CentreError: DATA_FOLDER_HELD, DATA_FOLDER_UNUSABLE, STORAGE_FULL or STORAGE_FAILED.
    """
    thread = StoreThread(folder, max_bytes)
    try:
        yield SqliteStore(thread)
    finally:
        thread.close()


def _empty_log(connection: apsw.Connection) -> None:
    # Zeroed pages reach the main file, and the log that still holds the old ones is cut to nothing.
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _now_us() -> int:
    return time.time_ns() // 1000
