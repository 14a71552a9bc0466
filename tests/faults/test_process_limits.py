"""A daemon that runs out of files, file size, memory or log space, or whose disk fails: it ends by type or goes on."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from doorward_client import DoorwardError
from doorward_testing.centre_site import CentreProcess, free_address, running
from doorward_testing.daemon import BIN, RunningDaemon, run_command
from doorward_testing.journals import draft, open_patient_journal
from doorward_testing.kill_loop import wait_for
from doorward_testing.ledger_home import DoorOpener, missing, open_doors, operator_of, write_ledger_home
from doorward_testing.obligations import Obligations, judge
from doorward_testing.recorded_events import broken_in, recorded
from doorward_testing.small_disk import filled, small_disk

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(300)]
MIB = 1024 * 1024
BACKLOG = 20_000
MEMORY = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_ledger_home(tmp_path / "home")


def check_record(home: Path, told: list) -> None:
    """Started again, the daemon has everything anybody was told, and an unbroken chain."""
    with RunningDaemon(home):
        events = recorded(home)
    assert missing(told, events) == []
    assert broken_in(events) is None


@pytest.mark.parametrize("number", [15, 20])
def test_a_failed_sync_ends_the_daemon_with_70_and_is_never_tried_again(number: int, home: Path, tmp_path: Path):
    log = tmp_path / "asked"
    command = [sys.executable, "-m", "doorward_testing.faulty_daemon", "sync", str(number), str(log)]
    env = {**os.environ, "DOORWARD_HOME": str(home), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for((home / "run" / "operator.sock").exists, "the daemon does not serve")
        with DoorOpener(home) as opener:
            assert process.wait(timeout=60) == 70
    failed, *after = log.read_text().splitlines()
    assert failed.startswith("sync ")
    assert failed not in after
    check_record(home, opener.told)


def test_two_daemons_never_share_a_folder_and_the_first_goes_on(home: Path):
    with RunningDaemon(home):
        second = run_command("doorwardd", "serve", "--ledger-only", home=home)
        assert second.code == 75
        assert "DATA_FOLDER_HELD" in second.stderr
        assert len(open_doors(home, 3)) == 3


def test_more_connections_than_files_are_shed_and_the_daemon_serves_again(home: Path):
    with RunningDaemon(home) as daemon:
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (64, 64))
        with contextlib.ExitStack() as stack:
            for _ in range(100):
                options = [("grpc.use_local_subchannel_pool", 1)]
                channel = stack.enter_context(grpc.insecure_channel(f"unix:{home}/run/operator.sock", options=options))
                with contextlib.suppress(grpc.FutureTimeoutError):
                    grpc.channel_ready_future(channel).result(timeout=0.1)
            assert len(list(Path(f"/proc/{daemon.pid}/fd").iterdir())) <= 64
        told = []

        def serves() -> bool:
            with contextlib.suppress(DoorwardError):
                told.extend(open_doors(home, 1))
            return bool(told)

        wait_for(serves, "it does not serve again")
        assert daemon.stop() == 0
    check_record(home, told)


def test_a_file_that_may_not_grow_ends_the_daemon_with_70_and_loses_nothing(home: Path):
    with RunningDaemon(home) as daemon:
        told = open_doors(home, 5)
        wal = home / "data" / "journal.db-wal"
        limit = wal.stat().st_size + 20_000
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (limit, limit))
        with DoorOpener(home) as opener:
            wait_for(lambda: not is_alive(daemon.pid), "the daemon goes on without a record")
        assert opener.error is not None
        assert daemon.stop() == 70
    check_record(home, [*told, *opener.told])


def test_a_daemon_that_takes_a_refusal_for_a_success_is_found_out(home: Path):
    command = [sys.executable, "-m", "doorward_testing.forgetful_journal"]
    env = {**os.environ, "DOORWARD_HOME": str(home), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for((home / "run" / "operator.sock").exists, "the daemon does not serve")
        told = open_doors(home, 5)
        limit = (home / "data" / "journal.db-wal").stat().st_size
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
        told += open_doors(home, 1, "nobody wrote it down")
        process.kill()
    check_record(home, told[:-1])
    with pytest.raises(AssertionError):
        check_record(home, told)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"


def test_a_full_log_disk_stops_no_record(tmp_path: Path):
    home = write_ledger_home(tmp_path / "home")
    said = tmp_path / "said"
    with small_disk(home / "log", "1m") as log, said.open("wb") as output:
        env = {**os.environ, "DOORWARD_HOME": str(home)}
        with (
            filled(log),
            subprocess.Popen([str(BIN / "doorwardd"), "serve"], env=env, stdout=output, stderr=output) as process,
        ):
            wait_for((home / "run" / "operator.sock").exists, "the daemon does not serve")
            told = open_doors(home, 20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
    assert "Traceback" not in said.read_text()
    check_record(home, told)


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """A control group that kills its largest member beyond 256 MiB."""
    group = MEMORY / f"doorward-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(256 * MIB))
    except OSError:
        pytest.skip("root: this user may not limit the memory of a group")
    yield group
    wait_for(lambda: not (group / "cgroup.procs").read_text(), "somebody is left in the group")
    group.rmdir()


def test_a_daemon_killed_for_want_of_memory_loses_nothing(home: Path, memory_group: Path):
    hog = "import time; taken = bytearray(400 << 20); time.sleep(600)"
    with RunningDaemon(home) as daemon:
        (memory_group / "cgroup.procs").write_text(str(daemon.pid))
        Path(f"/proc/{daemon.pid}/oom_score_adj").write_text("1000")
        with DoorOpener(home) as opener:
            wait_for(lambda: len(opener.told) > 20, "no door opens")
            join = f"import os; open('{memory_group}/cgroup.procs', 'w').write(str(os.getpid())); {hog}"
            with subprocess.Popen([sys.executable, "-c", join]) as glutton:
                wait_for(lambda: not is_alive(daemon.pid), "nobody is killed")
                glutton.kill()
        assert daemon.stop() == -signal.SIGKILL
    check_record(home, opener.told)


def test_a_signal_during_a_drain_stops_it_in_time_and_nothing_is_lost(tmp_path: Path):
    centre = CentreProcess(tmp_path / "centre", free_address())
    home = write_ledger_home(tmp_path / "home", centre=centre.address)
    with open_patient_journal(home / "data") as journal:
        for first in range(0, BACKLOG, 1000):
            journal.append_many([draft(first + place, padding=100) for place in range(1000)])
    with running(centre):
        with RunningDaemon(home) as daemon, operator_of(home) as client:
            wait_for(lambda: client.get_uplink_status().last_acknowledged_seq > 0, "nothing is sent")
            os.kill(daemon.pid, signal.SIGTERM)
            began_s = time.monotonic()
            wait_for(lambda: not is_alive(daemon.pid), "it does not stop")
            took_s = time.monotonic() - began_s
            assert daemon.stop() == 0
        # Ten seconds are what a supervisor gives it; a loaded machine gets twice as much.
        assert took_s < 20.0
        with RunningDaemon(home), operator_of(home) as client:
            wait_for(lambda: client.get_uplink_status().unsent_events == 0, "not everything arrives")
            kinds = [event.kind for event in client.list_events(page_size=500)]
    assert "device.stopped" in kinds
    verdict = judge(Obligations(), tmp_path / "centre" / "data" / "central.db")
    assert verdict.kept >= BACKLOG
    assert (verdict.gaps, verdict.broken, verdict.out_of_order) == (0, 0, 0)
