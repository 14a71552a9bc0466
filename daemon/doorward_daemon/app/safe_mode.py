"""Safe mode: what runs when starting as configured failed too often: journal and status; nothing judges or moves."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from importlib.metadata import version

from doorward_daemon.app.ledger_box import LedgerBox, OpenLedger, open_ledger
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.errors import DoorwardError, ExitCode, exit_code_of
from doorward_daemon.state.start_record import WINDOW_S, StartRecord

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


async def settle_start(starts: StartRecord, settled: Callable[[], None]) -> None:
    """Ends the trial of a start once it has lasted; to be started when the daemon is ready, cancelled when it stops."""
    await asyncio.sleep(SETTLED_AFTER_S)
    await asyncio.to_thread(starts.finish)
    await asyncio.to_thread(settled)


async def serve_safely(box: LedgerBox, asked_to_stop: asyncio.Event, lasts_s: float = SAFE_FOR_S) -> ExitCode:
    """Serves journal and status until a signal, or until it is time to try again.

    Args:
        box: what it is made of; its doors are not driven: they may be what crashed.
        asked_to_stop: set by a signal.
        lasts_s: how long it lasts, seconds.

    Returns:
        DONE after a signal, INTERNAL when the time is over: supervisors start that again.

    Raises:
        DoorwardError: even this cannot start, or the journal fails.
    """
    _LOG.error(SAFE_MODE)
    async with AsyncExitStack() as stack:
        ledger = await open_ledger(box, SAFE_MODE, stack, with_doors=False)
        record = DeviceRecord(ledger.journal)
        await asyncio.to_thread(partial(record.started, version("doorward"), "", "", mode="safe"))
        box.lifecycle.report("safe_mode", SAFE_MODE)
        box.lifecycle.finish_starting()
        box.notice.ready()
        box.notice.status("safe mode")
        code = await _until_over(box, ledger, asked_to_stop, time.monotonic() + lasts_s)
        box.notice.stopping()
        box.lifecycle.drain()
        await asyncio.to_thread(record.stopped)
    box.lifecycle.stop()
    return code


async def _until_over(box: LedgerBox, ledger: OpenLedger, asked_to_stop: asyncio.Event, over_s: float) -> ExitCode:
    while time.monotonic() < over_s:
        ledger.look_after()
        box.lifecycle.report("storage", ledger.journal.storage_problem, vital=False)
        # The loop that serves is the only vital one here.
        box.notice.alive()
        try:
            await asyncio.wait_for(asked_to_stop.wait(), _LOOK_EVERY_S)
        except TimeoutError:
            continue
        return ExitCode.DONE
    return ExitCode.INTERNAL
