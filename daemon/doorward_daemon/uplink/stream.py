"""One connection to the centre: carries the pure session's outputs out, on the daemon's event loop."""

import asyncio
import logging
import time
from concurrent.futures import Executor
from datetime import UTC, datetime

import grpc

from doorward_api.v1 import uplink_service_pb2
from doorward_daemon.errors import DoorwardError
from doorward_daemon.uplink.identity import boottime_ns, wall_time_us
from doorward_daemon.uplink.line import Line
from doorward_daemon.uplink.status import UplinkNotes, UplinkState
from doorward_daemon.uplink.storage import UplinkStorage
from doorward_sync.batch_run import ProtocolError
from doorward_sync.device_io import DeviceMessage, DeviceOutput, DeviceState, DeviceStorageCommand, DeviceStorageResult
from doorward_sync.device_session import DeviceSession
from doorward_sync.event import Event, Lane
from doorward_sync.messages import Hint
from doorward_sync.outputs import Alarm, AlarmKind, Close, CloseReason, Send
from doorward_sync.poison import StreamEnd
from doorward_sync.wire_stream import from_wire_response, to_wire_request

_LOG = logging.getLogger(__name__)
_TICK_S = 0.5
_END_OF = {
    grpc.StatusCode.INVALID_ARGUMENT: StreamEnd.REFUSED,
    grpc.StatusCode.OUT_OF_RANGE: StreamEnd.REFUSED,
    grpc.StatusCode.CANCELLED: StreamEnd.ORDERLY,
    grpc.StatusCode.PERMISSION_DENIED: StreamEnd.ORDERLY,
    grpc.StatusCode.UNAUTHENTICATED: StreamEnd.ORDERLY,
    grpc.StatusCode.UNIMPLEMENTED: StreamEnd.ORDERLY,
}
"""What a code says of the batch that was under way: not understood, or not even looked at. Every other: it broke."""
_NO_CENTRES_WORDS = (
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.CANCELLED,
)
"""How streams end that something between does not let through; gRPC makes these codes of what HTTP says."""


class UplinkStream:
    """Drives one session until it closes. For one event loop.

    Args:
        session: fresh.
        storage: journal and gallery.
        executor: one thread, so that storage answers in order of asking.
        notes: where its state is written down.
    """

    def __init__(self, session: DeviceSession, storage: UplinkStorage, executor: Executor, notes: UplinkNotes) -> None:
        self._session = session
        self._storage = storage
        self._executor = executor
        self._notes = notes
        self._unsent: asyncio.Queue[DeviceMessage] = asyncio.Queue()
        self._closed: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self._asking: set[asyncio.Task[None]] = set()
        self.is_cut_between = False
        """Whether it ended with a word that no centre says."""

    async def run(self, line: Line) -> Close:
        """Runs the stream until either end closes it.

        Args:
            line: to the centre.

        Returns:
            Why it ended.
        """
        parts = [asyncio.ensure_future(part) for part in (self._read(line), self._send(line), self._tick())]
        try:
            self._carry_out(self._session.start())
            return await self._closed
        finally:
            line.cancel()
            for task in (*parts, *self._asking):
                task.cancel()
            await asyncio.gather(*parts, *self._asking, return_exceptions=True)

    def leave(self) -> None:
        """Ends it from this side, to begin another one at once."""
        self._end(Close(reason=CloseReason.STOPPED, detail="a stream is tried again", reconnect_s=(0.0, 0.0)))

    def appended(self, lane: Lane, last_seq: int) -> None:
        """The journal has a new event."""
        self._carry_out(self._session.appended(lane, last_seq))

    def alarmed(self, alarm: Event) -> None:
        """The journal has an alarm, of which `appended` has told."""
        self._carry_out(self._session.alarmed(alarm))

    def locally_changed(self, last_change: int) -> None:
        """The gallery was changed at the device."""
        self._carry_out(self._session.locally_changed(last_change))

    async def _read(self, line: Line) -> None:
        try:
            while (response := await line.read()) is not None:
                self._take(response)
            self._ended(StreamEnd.ORDERLY, "the centre ended the stream")
        except grpc.aio.AioRpcError as error:
            self._failed(error)

    def _take(self, response: uplink_service_pb2.ConnectResponse) -> None:
        try:
            message = from_wire_response(response)
        except ProtocolError as error:
            self._notes.nonsense += 1
            self._raise_alarm(Alarm(kind=AlarmKind.PROTOCOL_ERROR, detail=str(error)))
            self._close(CloseReason.PROTOCOL, str(error))
            return
        self._carry_out(self._session.received(message, time.monotonic()))
        if self._session.state is DeviceState.OPEN and self._notes.state is UplinkState.CONNECTING:
            self._notes.state = UplinkState.CONNECTED
            self._notes.connected_since = datetime.now(UTC)

    async def _send(self, line: Line) -> None:
        try:
            while True:
                await line.write(to_wire_request(await self._unsent.get()))
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError) as error:
            # The reading side learns why, where there is one line in both directions.
            _LOG.debug("sending ended: %s", error)
            if not line.is_told_by_reading and isinstance(error, grpc.aio.AioRpcError):
                self._failed(error)

    def _failed(self, error: grpc.aio.AioRpcError) -> None:
        self.is_cut_between = error.code() in _NO_CENTRES_WORDS
        self._ended(_END_OF.get(error.code(), StreamEnd.BROKEN), f"{error.code().name}: {error.details()}")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self._carry_out(self._session.tick(time.monotonic(), boottime_ns(), wall_time_us()))

    def _carry_out(self, outputs: list[DeviceOutput]) -> None:
        for output in outputs:
            match output:
                case Send():
                    self._notes.hints += isinstance(output.message, Hint)
                    self._unsent.put_nowait(output.message)
                case Alarm():
                    self._raise_alarm(output)
                case Close():
                    self._end(output)
                case _:
                    self._ask(output)

    def _ask(self, command: DeviceStorageCommand) -> None:
        # Handed over here and not in the task: the order of asking is the order of doing.
        doing = asyncio.get_running_loop().run_in_executor(self._executor, self._storage.carry_out, command)
        task = asyncio.get_running_loop().create_task(self._answer(doing))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _answer(self, doing: "asyncio.Future[DeviceStorageResult | None]") -> None:
        try:
            result = await doing
        except DoorwardError as error:
            self._close(CloseReason.STORAGE_FAILED, error.message)
            return
        except Exception as error:  # noqa: BLE001 - a task boundary: a centre must not wait for an answer for ever
            _LOG.exception("storing failed")
            self._close(CloseReason.STORAGE_FAILED, repr(error))
            return
        if result is not None:
            self._carry_out(self._session.stored(result, time.monotonic()))

    def _ended(self, end: StreamEnd, detail: str) -> None:
        self._carry_out(self._session.ended(end, detail, time.monotonic()))

    def _raise_alarm(self, alarm: Alarm) -> None:
        self._notes.alarms[alarm.kind.value] += 1
        _LOG.warning("uplink: %s: %s", alarm.kind.value, alarm.detail)

    def _close(self, reason: CloseReason, detail: str) -> None:
        self._end(Close(reason=reason, detail=detail))

    def _end(self, close: Close) -> None:
        if not self._closed.done():
            self._closed.set_result(close)
