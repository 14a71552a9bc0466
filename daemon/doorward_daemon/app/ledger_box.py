"""The daemon without models, cameras and gallery: the record, the way to the centre, and, where wanted, the doors."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import NoReturn

from doorward_daemon.app.access_desk import AccessDesk
from doorward_daemon.app.command_desk import CommandDesk, door_deed, restart_deed
from doorward_daemon.app.config_desk import ConfigDesk
from doorward_daemon.app.exposed_figures import expose_doors, expose_record
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record_health import tell_health
from doorward_daemon.app.resident_memory import resident_memory_bytes
from doorward_daemon.app.restart import Restart
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.app.uplink_desk import UplinkDesk
from doorward_daemon.config.centre_keeper import CentreKeeper
from doorward_daemon.config.ledger_settings import LedgerSettings
from doorward_daemon.door import open_doors
from doorward_daemon.entry import EntryDesk
from doorward_daemon.errors import ErrorReason, Fault, NotReady
from doorward_daemon.journal import Journal, open_event_clock, open_journal
from doorward_daemon.rpc import Folders, RpcParts, open_rpc
from doorward_daemon.rpc.device import DeviceInfo, DeviceStatus, PackEntry
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.uplink import AbsentConfig, DeviceIdentity, Uplink, UplinkParts, open_uplink, read_boot_id
from doorward_sync.down_messages import CommandKind

_RETRY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class LedgerBox:
    """What a daemon without models is made of."""

    settings: LedgerSettings
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
    keeper: CentreKeeper | None = None
    """What the centre configured; None takes nothing."""
    restart: Restart | None = None
    """Whether the centre asked for one; None cannot."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenLedger:
    """The box while it serves."""

    journal: Journal
    """The record."""
    entries: EntryDesk | None
    """Opens doors; None where they are not driven."""
    addresses: tuple[str, ...]
    """Addresses of the listeners."""

    def look_after(self) -> None:
        """To be called now and then, off the event loop: what the disk did not take in time is recorded.

        Raises:
            Fault: STORAGE_FAILED, the journal cannot be written any more; only a restart reads what is there.
        """
        if (failure := self.journal.failure) is not None:
            raise Fault(failure.reason, failure.message, metadata=failure.metadata)
        if self.entries is not None:
            self.entries.settle()


class LedgerDeviceDesk:
    """Answers DeviceService without a pack. Thread-safe.

    Args:
        box: what it tells about.
        why: one sentence on why there is no pipeline.
    """

    def __init__(self, box: LedgerBox, why: str) -> None:
        self._box = box
        self._why = why
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
        """What the device is: it takes no pictures."""
        return DeviceInfo(
            device_id=self._device_id,
            version=version("doorward"),
            max_picture_bytes=0,
            max_picture_pixels=0,
            max_faces=0,
            picture_formats=(),
        )

    def packs(self) -> Sequence[PackEntry]:
        """The packs this version knows, by name; none runs."""
        from doorward_daemon.packs.catalogue import catalogue
        from doorward_daemon.packs.store import PackStore

        installed = PackStore(self._box.folder.home / "packs").installed()
        known = sorted(catalogue(), key=lambda manifest: manifest.name)
        return [PackEntry(manifest, installed=manifest.name in installed, active=False) for manifest in known]

    def run_self_test(self) -> NoReturn:
        """There is no pipeline to test."""
        raise NotReady(ErrorReason.NOT_READY, self._why, retry_after_s=_RETRY_AFTER_S)


async def open_ledger(box: LedgerBox, why: str, stack: AsyncExitStack, *, with_doors: bool) -> OpenLedger:
    """Opens the record, the way to the centre, the listeners and, where wanted, the doors.

    Args:
        box: what it is made of.
        why: why everything else is refused, one sentence for who reads it.
        stack: closes what was opened, in reverse.
        with_doors: whether operators may open doors.

    Raises:
        DoorwardError: something cannot be opened.
    """
    data = box.folder.home / "data"
    opening = partial(open_journal, data, box.settings.journal, open_event_clock(), box.figures.observe_commit)
    journal = stack.enter_context(await asyncio.to_thread(opening))
    entries: EntryDesk | None = None
    access: AccessDesk | None = None
    if with_doors:
        doors = stack.enter_context(open_doors(box.settings.doors))
        entries = EntryDesk(journal, doors, {door.door_id: door.policy for door in box.settings.doors})
        access = AccessDesk(doors, entries)
        expose_doors(box.figures, doors)
    uplink = await stack.enter_async_context(_open_uplink(box, journal, entries))
    expose_record(box.figures, journal, uplink)
    parts = RpcParts(
        device=LedgerDeviceDesk(box, why),
        metrics=box.metrics,
        events=journal,
        access=access,
        uplink=UplinkDesk(uplink, journal),
        closed=why,
    )
    folders = Folders(run=box.folder.home / "run", tokens=data / "tokens")
    server = await stack.enter_async_context(open_rpc(parts, box.settings.rpc, folders))
    stack.callback(asyncio.ensure_future(tell_health(server.health, journal, uplink)).cancel)
    return OpenLedger(journal, entries, server.addresses)


def _open_uplink(box: LedgerBox, journal: Journal, entries: EntryDesk | None) -> AbstractAsyncContextManager[Uplink]:
    # Without a pack there is no embedding space to tell, and no gallery to bring up to date.
    identity = DeviceIdentity(
        device_id=box.folder.device_id(), boot_id=read_boot_id(), version=version("doorward"), embedding_id=""
    )
    config = AbsentConfig() if box.keeper is None else ConfigDesk(box.keeper, journal)
    if isinstance(config, ConfigDesk):
        config.settle()
    deeds = {} if box.restart is None else {CommandKind.RESTART: restart_deed(box.restart.ask)}
    if entries is not None:
        deeds[CommandKind.OPEN_DOOR] = door_deed(entries)
    parts = UplinkParts(identity=identity, outbox=journal, config=config, commands=CommandDesk(journal, deeds))
    return open_uplink(parts, box.settings.uplink)
