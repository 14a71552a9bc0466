"""The event store on SQLite: one file, one thread, group commit."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw

from doorward_api.v1 import centre_pb2, centre_service_pb2, device_command_pb2, device_config_pb2
from doorward_central import command_rows, config_rows, group_rows
from doorward_central.device_rows import note_gallery, note_hello
from doorward_central.error import CentreError
from doorward_central.event_rows import have_of, store_batch
from doorward_central.gallery_rows import gallery_mark, gallery_revision, merge_local, read_changes
from doorward_central.hint_rows import note_hint
from doorward_central.listing import list_devices, list_events, list_subjects
from doorward_central.store_thread import StoreThread
from doorward_central.subject_writing import create_subject, erase_subject
from doorward_central.time_rows import note_anchor
from doorward_sync.centre_storage import (
    BatchStored,
    CommandMarked,
    GalleryRead,
    LanesLoaded,
    LocalSubjectsStored,
    MarkCommandSent,
    PendingCommand,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreCommandResult,
    StoreConfigResult,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.down_messages import ConfigDocument
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
            return LanesLoaded(
                have_of(connection, hello.device_id, hello.epoch),
                config_rows.config_of(connection, hello.device_id),
                command_rows.open_commands(connection, hello.device_id, _now_us()),
                gallery_mark(connection),
            )

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
        return await self._do(lambda connection: GalleryRead(read_changes(connection, command)))

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

    async def set_config(self, request: centre_service_pb2.SetDeviceConfigRequest) -> ConfigDocument:
        """As EventStore."""
        text = request.document_toml
        return await self._do(lambda connection: config_rows.set_config(connection, request.device_id, text, _now_us()))

    async def show_config(self, device_id: str) -> device_config_pb2.DeviceConfig:
        """As EventStore."""
        return await self._do(lambda connection: config_rows.show_config(connection, device_id))

    async def set_group_config(self, request: centre_service_pb2.SetGroupConfigRequest) -> group_rows.Changed:
        """As EventStore."""
        group, text = request.group, request.document_toml
        return await self._do(lambda connection: group_rows.set_group_config(connection, group, text, _now_us()))

    async def show_group(self, group: str) -> device_config_pb2.GroupConfig:
        """As EventStore."""
        return await self._do(lambda connection: group_rows.show_group(connection, group))

    async def set_device_group(self, request: centre_service_pb2.SetDeviceGroupRequest) -> group_rows.Changed:
        """As EventStore."""
        device_id, group = request.device_id, request.group
        return await self._do(lambda connection: group_rows.set_device_group(connection, device_id, group, _now_us()))

    async def note_config(self, command: StoreConfigResult) -> None:
        """As EventStore."""
        await self._do(lambda connection: config_rows.note_result(connection, command, _now_us()))

    async def give_command(
        self, request: centre_service_pb2.SendCommandRequest
    ) -> tuple[PendingCommand | None, device_command_pb2.StoredCommand]:
        """As EventStore."""

        def work(connection: apsw.Connection) -> tuple[PendingCommand | None, device_command_pb2.StoredCommand]:
            now_us = _now_us()
            pending = command_rows.give_command(connection, request, now_us)
            return pending, command_rows.show_command(connection, request.request_id, now_us)

        return await self._do(work)

    async def mark_command(self, command: MarkCommandSent) -> CommandMarked:
        """As EventStore."""
        await self._do(lambda connection: command_rows.mark_sent(connection, command.command_id))
        return CommandMarked(command_id=command.command_id)

    async def note_command(self, command: StoreCommandResult) -> None:
        """As EventStore."""
        await self._do(lambda connection: command_rows.note_outcome(connection, command, _now_us()))

    async def list_commands(
        self, request: centre_service_pb2.ListCommandsRequest
    ) -> centre_service_pb2.ListCommandsResponse:
        """As EventStore."""
        return await self._do(lambda connection: command_rows.list_commands(connection, request, _now_us()))

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
