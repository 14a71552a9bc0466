"""One stream of one device at the centre: carries the pure session's outputs out, on the event loop."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, TypeGuard

from doorward_api.v1 import uplink_service_pb2
from doorward_central.error import CentreError
from doorward_central.event_store import EventStore
from doorward_central.fleet import Fleet
from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_io import CentreOutput, CentreStorageCommand, CentreStorageResult
from doorward_sync.centre_session import CentreSession
from doorward_sync.centre_storage import (
    LoadLanes,
    MarkCommandSent,
    PendingCommand,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreCommandResult,
    StoreConfigResult,
    StoreFailed,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.chunk_messages import GalleryChunkResult
from doorward_sync.device_io import CentreMessage, DeviceMessage
from doorward_sync.down_messages import ConfigDocument
from doorward_sync.gallery_messages import GalleryDeltaResult
from doorward_sync.messages import GoAway, GoAwayReason
from doorward_sync.outputs import Alarm, AlarmKind, Close, Send
from doorward_sync.wire_stream import from_wire_request, to_wire_response

_LOG = logging.getLogger(__name__)
_TICK_S = 1.0
_MOST_UNSENT = 1000
"""Answers that may wait for a device that does not read; heartbeats would end it, too, but later."""

Write = Callable[[uplink_service_pb2.ConnectResponse], Awaitable[None]]


class DeviceStream:
    """Drives a session until it closes. For one event loop.

    Args:
        session: fresh.
        store: where events go.
        fleet: the other streams.
        address: where the device comes from, without the port.
        reconnect_spread_s: longest time to come back that is ever prescribed.
    """

    def __init__(
        self, session: CentreSession, store: EventStore, fleet: Fleet, address: str, reconnect_spread_s: float
    ) -> None:
        self._session = session
        self._store = store
        self._fleet = fleet
        self._address = address
        self._most_reconnect_ms = round(reconnect_spread_s * 1000)
        self._unsent: asyncio.Queue[CentreMessage | None] = asyncio.Queue()
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def session_id(self) -> str:
        """Identity of the session."""
        return self._session.session_id

    async def run(self, requests: AsyncIterator[uplink_service_pb2.ConnectRequest], write: Write) -> None:
        """Serves the stream until either end closes it.

        Args:
            requests: what the device sends.
            write: sends to the device.
        """
        reading = asyncio.ensure_future(self._read(requests))
        ticking = asyncio.ensure_future(self._tick())
        try:
            # Ends with the last message of the session; a device that hangs up ends the reading.
            await self._send(write, reading)
        finally:
            for task in (reading, ticking, *self._asking):
                task.cancel()
            await asyncio.gather(reading, ticking, *self._asking, return_exceptions=True)
            if self._session.hello is not None:
                self._fleet.leave(self._session.hello.device_id, self)

    def end(self, reason: GoAwayReason) -> None:
        """Ends it from outside."""
        self._carry_out(self._session.end(reason))

    def gallery_changed(self, revision: int) -> None:
        """Tells it of a new revision of the gallery."""
        self._carry_out(self._session.gallery_changed(revision))

    def config_changed(self, document: ConfigDocument) -> None:
        """Tells it of the configuration its device is to have."""
        self._carry_out(self._session.config_changed(document))

    def commanded(self, pending: PendingCommand) -> None:
        """Gives it a command for its device."""
        self._carry_out(self._session.commanded(pending, _now_us()))

    async def _read(self, requests: AsyncIterator[uplink_service_pb2.ConnectRequest]) -> None:
        try:
            async for request in requests:
                self._take(request)
        finally:
            self._unsent.put_nowait(None)

    def _take(self, request: uplink_service_pb2.ConnectRequest) -> None:
        try:
            message = from_wire_request(request)
        except ProtocolError as error:
            self._fleet.counters.alarm(AlarmKind.PROTOCOL_ERROR, f"{self._address}: {error}")
            self.end(GoAwayReason.PROTOCOL)
            return
        was_greeted = self._session.hello is not None
        outputs = self._session.received(message, time.monotonic(), _now_us())
        hello = self._session.hello
        if hello is not None and not was_greeted:
            self._fleet.enter(hello.device_id, self, self._address)
        self._carry_out(outputs)
        if hello is not None and _tells_revision(message):
            self._spawn(self._noted(partial(self._store.note_gallery, hello.device_id, message.revision)))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self._carry_out(self._session.tick(time.monotonic(), _now_us()))

    async def _send(self, write: Write, reading: asyncio.Future[None]) -> None:
        while (message := await self._unsent.get()) is not None:
            await write(to_wire_response(message))
        if reading.done() and not reading.cancelled() and (error := reading.exception()) is not None:
            raise error

    def _carry_out(self, outputs: list[CentreOutput]) -> None:
        for output in outputs:
            match output:
                case StoreAnchor() | StoreConfigResult() | StoreCommandResult():
                    self._spawn(self._noted(partial(self._note, output)))
                case Send():
                    self._put(output.message)
                case Alarm():
                    self._fleet.counters.alarm(output.kind, f"{self._address}: {output.detail}")
                case Close():
                    _LOG.info(
                        "stream %s of %s ends: %s %s", self.session_id, self._address, output.reason, output.detail
                    )
                    self._unsent.put_nowait(None)
                case StoreHint():
                    self._spawn(self._hinted(output))
                case _:
                    self._spawn(self._ask(output))

    def _put(self, message: CentreMessage) -> None:
        if isinstance(message, GoAway):
            low, high = message.reconnect_after_min_ms, message.reconnect_after_max_ms
            most = self._most_reconnect_ms
            message = replace(message, reconnect_after_min_ms=min(low, most), reconnect_after_max_ms=min(high, most))
        if self._unsent.qsize() >= _MOST_UNSENT:
            self._unsent.put_nowait(None)
        else:
            self._unsent.put_nowait(message)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Tasks begin in the order they are made in, and the store answers in order of asking.
        task = asyncio.get_running_loop().create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _note(self, note: StoreAnchor | StoreConfigResult | StoreCommandResult) -> None:
        match note:
            case StoreAnchor():
                await self._store.note_anchor(note)
            case StoreConfigResult():
                await self._store.note_config(note)
            case StoreCommandResult():
                await self._store.note_command(note)

    async def _noted(self, note: Callable[[], Awaitable[None]]) -> None:
        # Made here and not by the caller: a task that is cancelled before it begins would leave a coroutine behind.
        try:
            await note()
        except CentreError as error:
            _LOG.error("what a device has could not be noted: %s", error.message)

    async def _hinted(self, hint: StoreHint) -> None:
        try:
            if await self._store.note_hint(hint):
                self._fleet.counters.hints += 1
                _LOG.warning("%s: %s, ahead of its queue", hint.device_id, hint.event.kind)
        except CentreError as error:
            _LOG.error("an alarm could not be noted: %s", error.message)

    async def _ask(self, command: CentreStorageCommand) -> None:
        try:
            result = await self._result_of(command)
        except CentreError as error:
            _LOG.error("storing failed: %s", error.message)
            result = StoreFailed(error.message)
        except Exception as error:  # noqa: BLE001 - a task boundary: the device has to hear that nothing was stored
            _LOG.exception("storing failed")
            result = StoreFailed(repr(error))
        self._carry_out(self._session.stored(result, time.monotonic(), _now_us()))

    async def _result_of(self, command: CentreStorageCommand) -> CentreStorageResult:
        match command:
            case LoadLanes():
                if self._session.hello is None:
                    return StoreFailed("no Hello yet")
                return await self._store.greet(self._session.hello, self._address)
            case StoreBatch():
                return await self._store.store_batch(command)
            case ReadGallery():
                return await self._store.read_gallery(command)
            case MarkCommandSent():
                return await self._store.mark_command(command)
            case StoreLocalSubjects():
                stored = await self._store.store_local(command)
                self._fleet.gallery_changed(await self._store.gallery_revision())
                return stored


def _tells_revision(message: DeviceMessage) -> TypeGuard[GalleryDeltaResult | GalleryChunkResult]:
    # A chunk that was put aside changes nothing of what the device has.
    is_aside = isinstance(message, GalleryChunkResult) and message.place is not None
    return isinstance(message, GalleryDeltaResult | GalleryChunkResult) and not is_aside


def _now_us() -> int:
    return time.time_ns() // 1000
