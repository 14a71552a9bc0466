"""Safe mode: what runs when starting as configured failed too often: journal and status; nothing judges or moves."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import NoReturn

from doorward_daemon.app.closed_desk import ClosedDesk
from doorward_daemon.app.device_desk import resident_memory_bytes
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.app.uplink_desk import UplinkDesk
from doorward_daemon.config import Settings
from doorward_daemon.errors import DoorwardError, ErrorReason, ExitCode, Fault, NotReady, exit_code_of
from doorward_daemon.journal import Journal, open_event_clock, open_journal
from doorward_daemon.packs.catalogue import catalogue
from doorward_daemon.packs.store import PackStore
from doorward_daemon.rpc import Folders, RpcParts, open_rpc
from doorward_daemon.rpc.device import DeviceInfo, DeviceStatus, PackEntry
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.state.start_record import WINDOW_S, StartRecord
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.uplink import DeviceIdentity, Uplink, UplinkParts, open_uplink, read_boot_id

_LOG = logging.getLogger(__name__)

SETTLED_AFTER_S = 20.0
"""A daemon that has been ready for so long started as it should: no crash after that is one of its start."""
SAFE_FOR_S = WINDOW_S
"""Safe mode lasts so long, seconds; then the process ends with 70 and the supervisor starts it as configured."""
_LOOK_EVERY_S = 0.5
SAFE_MODE = (
    "safe mode: three abnormal starts within a minute; models, cameras and doors are off, events are kept. It tries "
    "again by itself within a minute; look into log/ for why it ended, mend that, and restart the daemon"
)
"""The problem that status, readiness and refusals tell."""


@contextmanager
def noted_start(starts: StartRecord) -> Iterator[bool]:
    """Notes a start; its end counts as abnormal unless it is a clean one or says what a person has to change.

    Yields:
        Whether this start is to be a safe one.
    """
    is_safe = starts.begin()
    try:
        yield is_safe
    except DoorwardError as error:
        if exit_code_of(error) is not ExitCode.INTERNAL:
            starts.finish()
        raise
    starts.finish()


async def settle_start(starts: StartRecord) -> None:
    """Ends the trial of a start once it has lasted; to be started when the daemon is ready, cancelled when it stops."""
    await asyncio.sleep(SETTLED_AFTER_S)
    await asyncio.to_thread(starts.finish)


@dataclass(frozen=True, slots=True, eq=False)
class SafeBox:
    """What safe mode is made of."""

    settings: Settings
    """What is configured."""
    folder: DataFolder
    """The data folder, held."""
    lifecycle: Lifecycle
    """State of the daemon."""
    metrics: Metrics
    """The figures."""
    figures: GateFigures
    """Those of the journal among them."""
    notice: SupervisorNotice
    """Tells the supervisor."""
    lasts_s: float = SAFE_FOR_S
    """How long it lasts, seconds."""


class SafeDeviceDesk:
    """Answers DeviceService without a pack. Thread-safe."""

    def __init__(self, box: SafeBox) -> None:
        self._box = box
        self._device_id = box.folder.device_id()
        self._started_at = datetime.now(UTC)
        self._started_s = time.monotonic()

    def status(self) -> DeviceStatus:
        """How the device is now: nothing is loaded."""
        return DeviceStatus(
            state=self._box.lifecycle.state,
            problems=self._box.lifecycle.problems,
            started_at=self._started_at,
            uptime_s=time.monotonic() - self._started_s,
            resident_memory_bytes=resident_memory_bytes(),
        )

    def info(self) -> DeviceInfo:
        """What the device is."""
        settings = self._box.settings
        return DeviceInfo(
            device_id=self._device_id,
            version=version("doorward"),
            max_picture_bytes=settings.picture.max_bytes,
            max_picture_pixels=settings.picture.max_pixels,
            max_faces=settings.detection.max_faces,
        )

    def packs(self) -> Sequence[PackEntry]:
        """The packs this version knows, by name; none runs."""
        installed = PackStore(self._box.folder.home / "packs").installed()
        known = sorted(catalogue(), key=lambda manifest: manifest.name)
        return [PackEntry(manifest, installed=manifest.name in installed, active=False) for manifest in known]

    def run_self_test(self) -> NoReturn:
        """There is no pipeline to test."""
        raise NotReady(ErrorReason.NOT_READY, SAFE_MODE, retry_after_s=SAFE_FOR_S)


async def serve_safely(box: SafeBox, asked_to_stop: asyncio.Event) -> ExitCode:
    """Serves journal and status until a signal, or until it is time to try again.

    Returns:
        DONE after a signal, INTERNAL when the time is over: supervisors start that again.

    Raises:
        DoorwardError: even this cannot start, or the journal fails.
    """
    _LOG.error(SAFE_MODE)
    async with AsyncExitStack() as stack:
        data = box.folder.home / "data"
        opening = partial(open_journal, data, box.settings.journal, open_event_clock(), box.figures.observe_commit)
        journal = stack.enter_context(await asyncio.to_thread(opening))
        folders = Folders(run=box.folder.home / "run", tokens=data / "tokens")
        uplink = await stack.enter_async_context(_open_uplink(box, journal))
        await stack.enter_async_context(open_rpc(_parts(box, journal, uplink), box.settings.rpc, folders))
        record = DeviceRecord(journal)
        await asyncio.to_thread(partial(record.started, version("doorward"), "", "", mode="safe"))
        box.lifecycle.report("safe_mode", SAFE_MODE)
        box.lifecycle.finish_starting()
        box.notice.ready()
        box.notice.status("safe mode")
        code = await _until_over(box, journal, asked_to_stop)
        box.notice.stopping()
        box.lifecycle.drain()
        await asyncio.to_thread(record.stopped)
    box.lifecycle.stop()
    return code


def _open_uplink(box: SafeBox, journal: Journal) -> AbstractAsyncContextManager[Uplink]:
    # Without a pack there is no embedding space to tell, and no gallery to bring up to date.
    identity = DeviceIdentity(
        device_id=box.folder.device_id(), boot_id=read_boot_id(), version=version("doorward"), embedding_id=""
    )
    return open_uplink(UplinkParts(identity=identity, outbox=journal), box.settings.uplink)


def _parts(box: SafeBox, journal: Journal, uplink: Uplink) -> RpcParts:
    closed = ClosedDesk(SAFE_MODE)
    return RpcParts(
        recogniser=closed,
        enrolment=closed,
        gallery=closed,
        device=SafeDeviceDesk(box),
        decode=closed.decode,
        metrics=box.metrics,
        events=journal,
        cameras=closed,
        access=closed,
        attendance=closed,
        frames=closed,
        uplink=UplinkDesk(uplink, journal),
    )


async def _until_over(box: SafeBox, journal: Journal, asked_to_stop: asyncio.Event) -> ExitCode:
    over_s = time.monotonic() + box.lasts_s
    while time.monotonic() < over_s:
        if (failure := journal.failure) is not None:
            raise Fault(failure.reason, failure.message, metadata=failure.metadata)
        # The loop that serves is the only vital one here.
        box.notice.alive()
        try:
            await asyncio.wait_for(asked_to_stop.wait(), _LOOK_EVERY_S)
        except TimeoutError:
            continue
        return ExitCode.DONE
    return ExitCode.INTERNAL
