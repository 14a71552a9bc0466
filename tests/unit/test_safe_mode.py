"""When a start counts as abnormal, and how safe mode ends."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.app.ledger_box import LedgerBox
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.safe_mode import noted_start, serve_safely
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.config import LedgerSettings
from doorward_daemon.errors import Conflict, ErrorReason, ExitCode, Fault
from doorward_daemon.journal import open_event_clock, open_journal
from doorward_daemon.rpc.device import DeviceState
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.state.start_record import StartRecord
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures


def _starts(folder: Path) -> StartRecord:
    return StartRecord(folder / "starts", boot_id="boot")


def _start(folder: Path, error: Exception | None = None) -> bool:
    with noted_start(_starts(folder)) as is_safe:
        if error is not None:
            raise error
    return is_safe


def test_an_unexpected_end_counts_and_a_clean_one_wipes_the_slate(tmp_path: Path):
    for _ in range(2):
        with pytest.raises(RuntimeError):
            _start(tmp_path, RuntimeError("a model crashed"))
    assert _start(tmp_path)
    assert not _start(tmp_path)


def test_an_internal_failure_counts(tmp_path: Path):
    for _ in range(2):
        with pytest.raises(Fault):
            _start(tmp_path, Fault(ErrorReason.STORAGE_FAILED, "the disk gave up"))
    assert _start(tmp_path)


def test_an_end_that_needs_a_person_never_counts(tmp_path: Path):
    for _ in range(5):
        with pytest.raises(Conflict):
            _start(tmp_path, Conflict(ErrorReason.PACK_MISSING, "no pack"))
    assert not _start(tmp_path)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[LedgerBox]:
    metrics = Metrics()
    notice = SupervisorNotice(None)
    with DataFolder(tmp_path) as folder:
        yield LedgerBox(LedgerSettings(), folder, Lifecycle(), metrics, GateFigures(metrics), notice)


async def test_it_ends_by_itself_so_that_the_supervisor_tries_again(box: LedgerBox):
    assert await serve_safely(box, asyncio.Event(), lasts_s=0.1) is ExitCode.INTERNAL
    assert box.lifecycle.state is DeviceState.STOPPED
    with open_journal(box.folder.home / "data", box.settings.journal, open_event_clock()) as journal:
        assert [event.kind for event in journal.newest(10)] == ["device.stopped", "device.started"]


async def test_a_signal_ends_it_as_done(box: LedgerBox):
    asked_to_stop = asyncio.Event()
    asked_to_stop.set()
    assert await serve_safely(box, asked_to_stop) is ExitCode.DONE
