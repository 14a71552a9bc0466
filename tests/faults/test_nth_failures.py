"""The n-th call to the disk goes wrong, for every n until a run passes: a typed error, no damage, no false promise."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from doorward_central.error import CentreError
from doorward_daemon.errors import DoorwardError
from doorward_testing.campaign import Campaign
from doorward_testing.cut_sites import CentreCuts, CutSite, EnrolmentCuts, JournalCuts, copy_plain_files
from doorward_testing.nth_fault import KINDS, Kind, NthFault

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
MOST = 5000


@dataclass(frozen=True, slots=True)
class Workload:
    """A site, how much is written on it, and how much one write may add."""

    site: CutSite
    writes: int
    most_at_once: int


WORKLOADS = {
    "journal": Workload(JournalCuts(), JournalCuts.FOLD_EVERY + 2, 1),
    "enrolment": Workload(EnrolmentCuts(), 2, 1),
    "centre": Workload(CentreCuts(), CentreCuts.FOLD_EVERY + 3, 3),
}


def run_into(work: Workload, folder: Path) -> tuple[int, Exception | None]:
    """Writes until something goes wrong; returns what was confirmed, and the error. An image is taken then."""
    confirmed = 0
    image = folder / "image"

    def tell(number: int) -> None:
        nonlocal confirmed
        confirmed = number

    error: Exception | None = None
    (folder / "live").mkdir()
    try:
        work.site.write(folder / "live", work.writes, tell)
    except (DoorwardError, CentreError) as met:
        error = met
    image.mkdir()
    for file in (folder / "live").iterdir():
        if file.is_file():
            shutil.copy(file, image)
    copy_plain_files(folder / "live", image)
    return confirmed, error


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_failure_of_any_call_is_a_typed_error_and_never_a_false_promise(
    name: str, kind: Kind, lasting: bool, campaign: Campaign, ram_folder: Path
):
    work = WORKLOADS[name]
    # The short campaign takes the first ones and then every fifth call.
    step = campaign.count("runs", 5, 1)
    number = 1
    while number < MOST:
        folder = ram_folder / str(number)
        folder.mkdir()
        with NthFault(kind, number, lasting=lasting) as disk:
            confirmed, error = run_into(work, folder)
        if disk.failed_at is None:
            break
        check(work, folder, confirmed, error)
        if kind == "sync" and not lasting:
            check_no_second_try(disk)
        shutil.rmtree(folder)
        number += 1 if number < 12 else step
    campaign.note(f"nth_{kind.replace(' ', '_')}_{name}_{'lasting' if lasting else 'once'}", calls=number - 1)
    assert error is None
    assert confirmed == work.writes


def check(work: Workload, folder: Path, confirmed: int, error: Exception | None) -> None:
    """What is there afterwards, on a disk that works."""
    found = work.site.found(folder / "image")
    assert found is not None, error
    assert confirmed <= found <= confirmed + work.most_at_once, error
    assert error is not None or confirmed == work.writes


def fail_every_sync(ram_folder: Path) -> None:
    """One after the other, until the journal's writes pass."""
    for number in range(1, MOST):
        folder = ram_folder / str(number)
        folder.mkdir()
        with NthFault("sync", number, lasting=False) as disk:
            run_into(WORKLOADS["journal"], folder)
        if disk.failed_at is None:
            break
        check_no_second_try(disk)


def check_no_second_try(disk: NthFault) -> None:
    """Linux marks pages clean that a failed sync did not write: a second sync that succeeds proves nothing.

    SQLite's own rollback while a file is made writes it anew before it syncs again: that is no second try.
    """
    assert disk.failed_at is not None
    same = [asked.call for asked in disk.since if asked.file == disk.failed_at.file and asked.call != "read"]
    assert not disk.failed_at.file.endswith("-wal") or "sync" not in same
    assert same[:1] != ["sync"]


def test_a_database_that_folds_its_log_in_after_a_failed_sync_is_found_out(
    ram_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def close_with_a_checkpoint(connection: apsw.Connection) -> None:
        with contextlib.suppress(apsw.Error):
            connection.close()

    monkeypatch.setattr("doorward_daemon.storage.database.close_as_it_is", close_with_a_checkpoint)
    with pytest.raises(AssertionError, match="sync"):
        fail_every_sync(ram_folder)
