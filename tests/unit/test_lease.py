"""The lease of a gallery: counted in time since boot, over restarts and boots, whatever the wall clock says."""

from pathlib import Path

import pytest

from doorward_daemon.app.lease_watch import LeaseWatch
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.journal import JournalSettings, open_event_clock, open_journal
from doorward_daemon.state.lease import Lease

HOUR_S = 3600.0


class Boot:
    """A machine that runs."""

    def __init__(self, path: Path, boot_id: str, now_s: float = 100.0) -> None:
        self.path, self.boot_id, self.now_s = path, boot_id, now_s

    def lease(self, term_s: float = HOUR_S) -> Lease:
        return Lease(self.path, term_s, self.boot_id, lambda: self.now_s)

    def run(self, lease: Lease, seconds: float, *, heard: bool = False) -> None:
        for _ in range(round(seconds / 10)):
            self.now_s += 10
            lease.look(heard=heard)


@pytest.fixture
def boot(tmp_path):
    return Boot(tmp_path / "lease.json", "boot-1")


def test_it_ends_after_its_term_of_silence_and_begins_anew_with_a_sign(boot):
    lease = boot.lease()
    boot.run(lease, HOUR_S)
    assert not lease.is_over
    boot.run(lease, 20)
    assert lease.is_over
    boot.run(lease, 10, heard=True)
    assert (lease.is_over, lease.silent_s) == (False, 0.0)


def test_without_a_term_it_never_ends_and_nothing_is_written(boot):
    lease = boot.lease(0.0)
    boot.run(lease, 100 * HOUR_S)
    assert not lease.is_over
    assert not boot.path.exists()


def test_the_silence_goes_on_over_a_restart_and_over_a_boot(boot):
    boot.run(boot.lease(), 1800)
    boot.now_s += 600
    assert boot.lease().silent_s == pytest.approx(2400, abs=60)
    later = Boot(boot.path, "boot-2", now_s=1000.0)
    # As much as was kept, and everything since the machine is on again.
    assert later.lease().silent_s == pytest.approx(2800, abs=60)
    later.run(lease := later.lease(), 1200)
    assert lease.is_over


def test_a_sign_before_a_restart_is_remembered(boot):
    lease = boot.lease()
    boot.run(lease, 1800)
    boot.run(lease, 60, heard=True)
    assert boot.lease().silent_s <= 60


def test_a_record_that_is_none_begins_the_term_and_keeps_nobody_from_starting(boot):
    boot.path.write_bytes(b"\xff{")
    assert boot.lease().silent_s == 0.0


def test_its_end_and_its_return_are_in_the_status_and_on_record_once_each(boot, tmp_path):
    lifecycle = Lifecycle()
    with open_journal(tmp_path / "data", JournalSettings(), open_event_clock()) as journal:
        watch = LeaseWatch(boot.lease(), DeviceRecord(journal), lifecycle)
        boot.now_s += HOUR_S + 1
        for _ in range(2):
            watch.look(heard=False)
        assert [problem for problem in lifecycle.problems if problem.startswith("lease: ")]
        for _ in range(2):
            watch.look(heard=True)
        assert not [problem for problem in lifecycle.problems if problem.startswith("lease: ")]
        assert [event.kind for event in journal.newest(9)] == ["lease.renewed", "lease.ended"]
