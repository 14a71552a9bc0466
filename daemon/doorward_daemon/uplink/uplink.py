"""The uplink: keeps a stream to the centre open for as long as the daemon runs, and never lets anybody wait for it."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from doorward_daemon.errors import DoorwardError
from doorward_daemon.uplink.absent_gallery import AbsentGallery
from doorward_daemon.uplink.alarm_kinds import ALARM_KINDS
from doorward_daemon.uplink.channel import open_channel
from doorward_daemon.uplink.down_ports import AbsentCommands, AbsentConfig, CommandPort, ConfigPort
from doorward_daemon.uplink.identity import DeviceIdentity
from doorward_daemon.uplink.line import open_line
from doorward_daemon.uplink.ports import GalleryPort, OutboxPort
from doorward_daemon.uplink.settings import UplinkSettings
from doorward_daemon.uplink.status import UplinkNotes, UplinkReport, UplinkState
from doorward_daemon.uplink.storage import UplinkStorage
from doorward_daemon.uplink.stream import UplinkStream
from doorward_sync.device_session import DeviceSession
from doorward_sync.event import Event, Lane
from doorward_sync.hints import MOST_RECALLED
from doorward_sync.limits import UplinkLimits
from doorward_sync.line_choice import LineChoice, LineEnd, LineKind
from doorward_sync.outputs import Close, CloseReason
from doorward_sync.reconnect import ReconnectPolicy, next_retry
from doorward_sync.stream_memory import StreamMemory

_NEVER_S = 10 * 365 * 86_400.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkParts:
    """What the uplink connects."""

    identity: DeviceIdentity
    """Who this device is."""
    outbox: OutboxPort
    """The journal."""
    gallery: GalleryPort = field(default_factory=AbsentGallery)
    """The gallery."""
    config: ConfigPort = field(default_factory=AbsentConfig)
    """The configuration."""
    commands: CommandPort = field(default_factory=AbsentCommands)
    """What the device can be told."""


class Uplink:
    """Connects, and connects again. For one event loop; `report` from any thread. Made by `open_uplink`.

    Args:
        parts: what it connects.
        settings: where the centre is.
        executor: one thread for journal and gallery.
    """

    def __init__(self, parts: UplinkParts, settings: UplinkSettings, executor: ThreadPoolExecutor) -> None:
        self._parts = parts
        self._settings = settings
        self._executor = executor
        self._limits = UplinkLimits(
            answer_timeout_s=settings.answer_timeout_s, greeting_timeout_s=settings.greeting_timeout_s
        )
        self._choice = LineChoice(settings.stream_retry_s)
        self._policy = ReconnectPolicy(
            first_spread_s=settings.first_retry_max_s, base_s=settings.retry_base_s, cap_s=settings.retry_cap_s
        )
        self._storage = UplinkStorage(parts.outbox, parts.gallery, parts.config, parts.commands)
        self._notes = UplinkNotes()
        self._memory = StreamMemory()
        self._is_recalled = False
        self._stream: UplinkStream | None = None
        self._loop = asyncio.get_running_loop()

    def report(self) -> UplinkReport:
        """How it is doing."""
        return self._notes.report(self._settings.centre_address)

    async def run(self) -> None:
        """Runs until it is cancelled."""
        attempt = 0
        # Jitter decides nothing that has to be unpredictable.
        chance = random.Random()
        while True:
            begun_s = time.monotonic()
            close, connected_s = await self._connect_once()
            retry = next_retry(self._policy, attempt, connected_s, chance.random(), close.reconnect_s)
            attempt = retry.attempt
            self._note_end(close, retry.after_s)
            _LOG.debug("uplink: the stream lasted %.1f s", time.monotonic() - begun_s)
            await asyncio.sleep(retry.after_s)

    def tell_appended(self, events: Sequence[Event]) -> None:
        """Takes what the journal has committed; on the journal's thread."""
        last = {event.key.lane: event.key.seq for event in events}
        with contextlib.suppress(RuntimeError):  # the loop is closed: the daemon stops
            self._loop.call_soon_threadsafe(self._appended, last)
            for alarm in (event for event in events if event.kind in ALARM_KINDS):
                self._loop.call_soon_threadsafe(self._alarmed, alarm)

    def tell_changed(self, last_change: int) -> None:
        """Takes a local change of the gallery; on any thread."""
        with contextlib.suppress(RuntimeError):  # as above
            self._loop.call_soon_threadsafe(self._changed, last_change)

    async def _connect_once(self) -> tuple[Close, float]:
        self._notes.state = UplinkState.CONNECTING
        self._notes.attempts += 1
        opened_s: float | None = None
        try:
            await self._recall()
            session = await self._loop.run_in_executor(self._executor, self._make_session)
            stream = UplinkStream(session, self._storage, self._executor, self._notes)
            self._stream = stream
            self._catch_up(session)
            kind = self._choice.kind(time.monotonic())
            self._notes.line = kind
            async with open_channel(self._settings.centre_address) as channel, self._leaving(kind, stream):
                close = await stream.run(open_line(kind, channel, self._limits.answer_timeout_s))
            opened_s = session.opened_s
            is_typical = close.reason is CloseReason.GREETING_LATE or stream.is_cut_between
            self._choice.ended(kind, LineEnd(was_greeted=opened_s is not None, is_typical=is_typical), time.monotonic())
        except DoorwardError as error:
            close = Close(reason=CloseReason.STORAGE_FAILED, detail=error.message)
        except Exception as error:  # noqa: BLE001 - a task boundary: whatever a centre does, the next attempt comes
            _LOG.exception("the uplink failed; it tries again")
            close = Close(reason=CloseReason.PROTOCOL, detail=repr(error))
        finally:
            self._stream = None
        return close, 0.0 if opened_s is None else time.monotonic() - opened_s

    @contextlib.asynccontextmanager
    async def _leaving(self, kind: LineKind, stream: UplinkStream) -> AsyncIterator[None]:
        """Ends calls, while they are running, when it is time to try a stream again."""
        left_s = self._choice.left_s(time.monotonic()) if kind is LineKind.CALLS else _NEVER_S
        timer = self._loop.call_later(left_s, stream.leave)
        try:
            yield
        finally:
            timer.cancel()

    async def _recall(self) -> None:
        """After a start, or in a new epoch, nobody remembers which alarms wait: the journal does."""
        if self._is_recalled:
            return
        alarms = await self._loop.run_in_executor(
            self._executor, self._parts.outbox.waiting, ALARM_KINDS, MOST_RECALLED
        )
        for alarm in alarms:
            self._memory.hints.note(alarm)
        self._is_recalled = True

    def _make_session(self) -> DeviceSession:
        hello = self._parts.identity.hello(self._parts.outbox, self._parts.gallery, self._parts.config)
        return DeviceSession(hello, self._parts.gallery.changes(), self._limits, time.monotonic(), self._memory)

    def _catch_up(self, session: DeviceSession) -> None:
        """What was committed between the making of Hello and now was told to no stream; the state is in memory."""
        for lane in Lane:
            session.appended(lane, self._parts.outbox.lane_state(lane).last)

    def _note_end(self, close: Close, wait_s: float) -> None:
        self._is_recalled = self._is_recalled and close.reason is not CloseReason.NEW_EPOCH
        self._notes.state = UplinkState.BACKING_OFF
        self._notes.connected_since = None
        self._notes.last_problem = f"{close.reason.value}: {close.detail}"
        self._notes.next_attempt_in_s = wait_s
        _LOG.info("uplink: %s; next attempt in %.1f s", self._notes.last_problem, wait_s)

    def _appended(self, last: dict[Lane, int]) -> None:
        if self._stream is not None:
            for lane, seq in last.items():
                self._stream.appended(lane, seq)

    def _alarmed(self, alarm: Event) -> None:
        if self._stream is not None:
            self._stream.alarmed(alarm)
        else:
            self._memory.hints.note(alarm)

    def _changed(self, last_change: int) -> None:
        if self._stream is not None:
            self._stream.locally_changed(last_change)


@contextlib.asynccontextmanager
async def open_uplink(parts: UplinkParts, settings: UplinkSettings) -> AsyncIterator[Uplink]:
    """Keeps the uplink running while the body runs; does nothing where no centre is configured.

    Args:
        parts: what it connects.
        settings: where the centre is.
    """
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="uplink")
    uplink = Uplink(parts, settings, executor)
    if not settings.centre_address:
        yield uplink
        return
    async with contextlib.AsyncExitStack() as stack:
        # Without waiting: a disk that does not answer must not keep the daemon from stopping.
        stack.callback(executor.shutdown, wait=False, cancel_futures=True)
        stack.callback(parts.outbox.subscribe(uplink.tell_appended))
        stack.callback(parts.gallery.subscribe(uplink.tell_changed))
        running = asyncio.ensure_future(uplink.run())
        stack.push_async_callback(_stop, running)
        yield uplink


async def _stop(running: "asyncio.Future[None]") -> None:
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
