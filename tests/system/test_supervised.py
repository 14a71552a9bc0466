"""Under supervisord, as a box runs it: killed, hung, without a pack, stopped; and dying again and again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import give_pack
from doorward_testing.supervised import Supervised, wait_for

pytestmark = [pytest.mark.system, pytest.mark.models]

READY_WITHIN_S = 60.0
BACK_WITHIN_S = 30.0
HUNG_BACK_WITHIN_S = 60.0
STOPPED_WITHIN_S = 10.0


@pytest.fixture
def box(any_pack: InstalledPack, tmp_path: Path) -> Iterator[Supervised]:
    give_pack(tmp_path, any_pack)
    with Supervised(tmp_path) as supervised:
        wait_for(supervised.is_ready, READY_WITHIN_S, "the first start")
        yield supervised


def _kill(box: Supervised) -> int:
    pid = box.pid()
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_killed_daemon_is_back_as_a_new_process(box: Supervised):
    killed = _kill(box)
    took_s = wait_for(lambda: box.is_ready() and box.pid() not in (0, killed), BACK_WITHIN_S, "back after SIGKILL")
    print(f"\nserves again {took_s:.2f} s after SIGKILL")  # noqa: T201 - the figure is wanted
    # supervisord calls it running only after startsecs.
    wait_for(lambda: box.status().startswith("RUNNING"), BACK_WITHIN_S, "supervisord to call it running")


def test_a_daemon_that_hangs_is_ended_and_back(box: Supervised):
    hung = box.pid()
    os.kill(hung, signal.SIGSTOP)
    took_s = wait_for(lambda: box.is_ready() and box.pid() not in (0, hung), HUNG_BACK_WITHIN_S, "back after a hang")
    print(f"\nserves again {took_s:.2f} s after SIGSTOP")  # noqa: T201 - the figure is wanted
    told = box.log("health_listener.err").splitlines()
    assert told[:2] == ["doorwardd does not answer: SIGABRT", "doorwardd does not answer: SIGKILL"]


def test_without_a_pack_it_is_left_alone_until_a_person_comes(tmp_path: Path):
    with Supervised(tmp_path) as box:
        wait_for(lambda: box.status().startswith(("EXITED", "FATAL")), BACK_WITHIN_S, "the end without a pack")
        assert box.status().startswith("EXITED")
        assert box.log("doorwardd.out").count("PACK_MISSING") == 1


def test_sigterm_of_the_supervisor_stops_everything_and_leaves_no_sockets(box: Supervised):
    daemon = box.pid()
    took_s = box.stop(STOPPED_WITHIN_S)
    print(f"\nstopped {took_s:.2f} s after SIGTERM")  # noqa: T201 - the figure is wanted
    assert not Path(f"/proc/{daemon}").exists()
    assert [path.name for path in (box.home / "run").iterdir() if path.is_socket()] == []


def test_the_third_start_within_a_minute_stays_up_in_safe_mode(box: Supervised):
    killed = _kill(box)
    wait_for(lambda: box.is_ready() and box.pid() not in (0, killed), BACK_WITHIN_S, "the second start")
    _kill(box)
    wait_for(lambda: "safe mode" in box.answer("readyz")[1], BACK_WITHIN_S, "the third start")
    assert box.answer("readyz")[0] == 503
    assert box.answer("healthz")[0] == 200
    # supervisord calls it running only after startsecs.
    wait_for(lambda: box.status().startswith("RUNNING"), BACK_WITHIN_S, "supervisord to call it running")
