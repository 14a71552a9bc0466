"""Ledger-only mode: the daemon as a recorder; what it needs for anything else is not even loaded."""

import asyncio
import faulthandler
import gc
import logging
from contextlib import AsyncExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path

from doorward_daemon.app.config_desk import tried
from doorward_daemon.app.ledger_box import LedgerBox, OpenLedger, open_ledger
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.restart import Restart
from doorward_daemon.app.stop_signal import listen_for_signals
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.config import Environment, LedgerSettings
from doorward_daemon.config.centre_keeper import CentreKeeper
from doorward_daemon.errors import ExitCode
from doorward_daemon.http import Readiness, open_http
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.telemetry.log import open_log

_LOG = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.5
LEDGER_ONLY = (
    "ledger-only: this daemon keeps the record and opens doors for operators; it has no models, gallery or cameras. "
    "Start it without --ledger-only (daemon.ledger_only) for the rest"
)
"""What status and refusals tell."""


def serve_ledger_only(settings: LedgerSettings, environment: Environment, file: Path | None = None) -> ExitCode:
    """Runs the daemon without models until SIGTERM or SIGINT; a second signal ends it at once.

    Starts are not counted: there is nothing to leave out that this mode does not leave out already.

    Args:
        settings: what it runs with.
        environment: what they were read from.
        file: as for load_settings.

    Raises:
        DoorwardError: it cannot start, or the journal fails; everything that was opened is closed again.
    """
    faulthandler.enable()
    with DataFolder(environment.home) as folder, open_log(settings.log, environment.home / "log"):
        metrics = Metrics()
        notice = SupervisorNotice(environment.notify_socket)
        keeper = CentreKeeper(file, environment, settings)
        with tried(keeper):
            return asyncio.run(_serve(settings, folder, metrics, notice, keeper))


async def _serve(
    settings: LedgerSettings, folder: DataFolder, metrics: Metrics, notice: SupervisorNotice, keeper: CentreKeeper
) -> ExitCode:
    asked_to_stop = listen_for_signals()
    restart = Restart(asked_to_stop)
    box = LedgerBox(settings, folder, Lifecycle(), metrics, GateFigures(metrics), notice, keeper, restart)
    async with AsyncExitStack() as stack:
        ledger = await open_ledger(box, LEDGER_ONLY, stack, with_doors=True)
        record = DeviceRecord(ledger.journal)
        await asyncio.to_thread(partial(record.started, version("doorward"), "", "", mode="ledger_only"))
        box.lifecycle.report("ledger_only", LEDGER_ONLY, vital=False)
        box.lifecycle.finish_starting()
        box.notice.ready()
        gc.enable()
        # Whoever waits for this daemon waits for its sockets; the pages may come a moment later.
        pages = open_http(box.settings.http, lambda: _readiness(box.lifecycle), box.metrics)
        web = await stack.enter_async_context(pages)
        _LOG.info("serving, ledger only", extra={"listeners": list(ledger.addresses), "http": web.url})
        # Ready is all that can be asked of a start without models.
        await asyncio.to_thread(keeper.settled)
        await _until_asked(box, ledger, asked_to_stop)
        box.notice.stopping()
        box.lifecycle.drain()
        await asyncio.to_thread(record.stopped)
    box.lifecycle.stop()
    return restart.code_of()


async def _until_asked(box: LedgerBox, ledger: OpenLedger, asked_to_stop: asyncio.Event) -> None:
    while not asked_to_stop.is_set():
        await asyncio.to_thread(ledger.look_after)
        box.lifecycle.report("storage", ledger.journal.storage_problem, vital=False)
        box.notice.alive()
        try:
            await asyncio.wait_for(asked_to_stop.wait(), _LOOK_EVERY_S)
        except TimeoutError:
            continue


def _readiness(lifecycle: Lifecycle) -> Readiness:
    return Readiness(() if lifecycle.is_ready else lifecycle.problems or ("the daemon is starting",))
