"""What supervisors are told, and what makes a start a safe one."""

import importlib.util
import socket
import threading
from pathlib import Path
from types import ModuleType

import pytest

from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.app.watchdog import VitalSign, Watchdog
from doorward_daemon.state.start_record import ABNORMAL_STARTS, StartRecord

ROOT = Path(__file__).resolve().parents[2]


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _record(path: Path, clock: Clock, boot_id: str = "boot") -> StartRecord:
    return StartRecord(path / "starts", clock, boot_id)


def _crash(path: Path, clock: Clock, times: int) -> list[bool]:
    answers = []
    for _ in range(times):
        answers.append(_record(path, clock).begin())
        clock.now_s += 2.0
    return answers


def test_the_third_abnormal_start_within_a_minute_is_a_safe_one(tmp_path: Path, clock: Clock):
    assert _crash(tmp_path, clock, ABNORMAL_STARTS) == [False, False, True]


def test_starts_that_end_as_they_should_never_count(tmp_path: Path, clock: Clock):
    for _ in range(6):
        record = _record(tmp_path, clock)
        assert not record.begin()
        record.finish()
        clock.now_s += 1.0


def test_abnormal_starts_are_forgotten_after_a_minute_and_after_a_boot(tmp_path: Path, clock: Clock):
    _crash(tmp_path, clock, 2)
    assert not _record(tmp_path, clock, boot_id="next").begin()
    _crash(tmp_path, clock, 2)
    clock.now_s += 61.0
    assert not _record(tmp_path, clock).begin()


def test_a_spoiled_record_does_not_keep_a_box_from_starting(tmp_path: Path, clock: Clock):
    (tmp_path / "starts").write_bytes(b"\xff\x00 not json")
    assert not _record(tmp_path, clock).begin()


def test_a_loop_that_stands_still_is_named_and_one_that_may_rest_is_not(clock: Clock):
    moved = {"loop": 0, "stuck": 0, "idle": 0}
    signs = {
        "loop": VitalSign(lambda: moved["loop"], 2.0),
        "stuck": VitalSign(lambda: moved["stuck"], 2.0),
        "idle": VitalSign(lambda: moved["idle"], 2.0, may_rest=lambda: True),
    }
    watchdog = Watchdog(signs, lambda stalled: None, clock=clock)
    for _ in range(4):
        clock.now_s += 1.0
        moved["loop"] += 1
        stalled = watchdog.stalled()
    assert stalled == ("stuck",)
    moved["stuck"] += 1
    assert watchdog.stalled() == ()


def test_the_watchdog_reports_from_a_thread_of_its_own():
    told: list[tuple[str, ...]] = []
    heard = threading.Event()

    def report(stalled: tuple[str, ...]) -> None:
        told.append(stalled)
        heard.set()

    watchdog = Watchdog({"stuck": VitalSign(lambda: 0, 0.0)}, report, interval_s=0.01)
    watchdog.start()
    assert heard.wait(5.0)
    watchdog.stop()
    assert told[0] == ("stuck",)


def test_systemd_is_told_when_it_asked(tmp_path: Path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5.0)
        notice = SupervisorNotice(str(tmp_path / "notify"))
        for say in (notice.ready, notice.alive, notice.stopping):
            say()
        heard = [systemd.recv(200).decode() for _ in range(3)]
    assert heard == ["READY=1\nSTATUS=serving", "WATCHDOG=1", "STOPPING=1\nSTATUS=stopping"]


@pytest.mark.parametrize("address", [None, "", "/nowhere/at/all", "@doorward-nobody-listens"])
def test_without_systemd_nothing_happens(address: str | None):
    SupervisorNotice(address).ready()


def _listener() -> ModuleType:
    spec = importlib.util.spec_from_file_location("listener", ROOT / "deploy" / "supervisor" / "health_listener.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_daemon_that_stays_silent_is_aborted_then_killed_and_patience_begins_anew():
    answers = iter([True, False, False, True, *[False] * 8])
    signals: list[str] = []
    patience = _listener().Patience(lambda: next(answers), lambda: True, signals.append)
    for _ in range(6):
        patience.tick()
    assert signals == []
    patience.tick()
    assert signals == ["SIGABRT"]
    patience.tick()
    assert signals == ["SIGABRT", "SIGKILL"]
    for _ in range(2):
        patience.tick()
    assert len(signals) == 2


def test_a_daemon_that_is_down_or_starting_is_supervisords_business():
    signals: list[str] = []
    patience = _listener().Patience(lambda: False, lambda: False, signals.append)
    for _ in range(10):
        patience.tick()
    assert signals == []
