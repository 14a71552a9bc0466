"""A power cut at any moment: what was confirmed is there, whole and in order, and every file opens.

The disk keeps what was synced; of the rest it keeps nothing, everything, a torn prefix or any torn subset.
"""

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from doorward_central import database as central_database
from doorward_daemon.gallery import gallery as gallery_room
from doorward_daemon.journal import opening as journal_opening
from doorward_daemon.storage import Engine, open_database
from doorward_testing.campaign import Campaign
from doorward_testing.cut_sites import CentreCuts, CutSite, EnrolmentCuts, JournalCuts, copy_plain_files
from doorward_testing.power_cut import RecordingDisk, write_image

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True)
class Share:
    """A site, how much is written on it, and its part of the cuts."""

    site: CutSite
    writes: int
    short: int
    long: int
    boundary: int
    """The write whose boundaries are all tried; the journal's and the centre's come with a checkpoint."""


SITES = {
    "journal": Share(JournalCuts(), 200, 500, 12_000, JournalCuts.FOLD_EVERY + 1),
    "enrolment": Share(EnrolmentCuts(), 60, 100, 2_500, 2),
    "centre": Share(CentreCuts(), 120, 400, 4_000, CentreCuts.FOLD_EVERY + 1),
}
each_site = pytest.mark.parametrize("name", SITES)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was asked of the disk, and what had been promised when."""

    disk: RecordingDisk
    folder: Path
    promises: Sequence[tuple[int, int]]
    """Operations done, writes confirmed by then."""

    def promised(self, at: int) -> int:
        """Writes that were confirmed before a moment."""
        return max(number for operations, number in self.promises if operations <= at)

    def moments(self, chance: random.Random, count: int) -> list[int]:
        """Random ones, from the first promise on."""
        return [chance.randint(self.promises[0][0], len(self.disk.operations)) for _ in range(count)]


def record(folder: Path, site: CutSite, writes: int) -> Recording:
    """Writes on a recording disk."""
    folder.mkdir(parents=True)
    promises: list[tuple[int, int]] = []
    with RecordingDisk("recorder", is_default=True) as disk:
        site.write(folder, writes, lambda number: promises.append((len(disk.operations), number)))
    return Recording(disk, folder, promises)


def after_a_cut(site: CutSite, recording: Recording, image: dict[str, bytes], folder: Path) -> int | None:
    """How many writes a stock disk shows after a cut; the folder is gone afterwards."""
    put_back(recording, image, folder)
    found = site.found(folder)
    shutil.rmtree(folder)
    return found


def put_back(recording: Recording, image: dict[str, bytes], folder: Path) -> None:
    write_image(image, folder)
    copy_plain_files(recording.folder, folder)


def losses(share: Share, ram_folder: Path, seed: int, cuts: int) -> tuple[int, int]:
    """Cuts that lost what was confirmed, and cuts that left a damaged file."""
    recording = record(ram_folder / "written", share.site, share.writes)
    moments = recording.moments(random.Random(seed), cuts)
    lost = damaged = 0
    for at, image in recording.disk.cuts(moments, seed):
        found = after_a_cut(share.site, recording, image, ram_folder / "cut")
        damaged += found is None
        lost += found is not None and found < recording.promised(at)
    return lost, damaged


@each_site
def test_no_confirmed_write_is_lost_by_a_power_cut(name: str, campaign: Campaign, ram_folder: Path):
    share = SITES[name]
    cuts = campaign.count("cuts", share.short, share.long)
    lost, damaged = losses(share, ram_folder, campaign.seed, cuts)
    campaign.note(f"power_cuts_{name}", cuts=cuts, lost=lost, unopenable=damaged)
    assert (lost, damaged) == (0, 0)


@pytest.fixture
def careless_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every database commits with synchronous=NORMAL: the red twin of all power cuts."""

    def open_carelessly(path, schema, settings, engine=None):
        return open_database(path, schema, settings, Engine(synchronous="NORMAL"))

    careless = tuple(
        ("synchronous", "NORMAL", 1) if name == "synchronous" else (name, value, answer)
        for name, value, answer in central_database._SETTINGS
    )
    monkeypatch.setattr(central_database, "_SETTINGS", careless)
    monkeypatch.setattr("doorward_testing.cut_sites.open_database", open_carelessly)
    monkeypatch.setattr(gallery_room, "open_database", open_carelessly)
    monkeypatch.setattr(journal_opening, "open_database", open_carelessly)


@each_site
@pytest.mark.usefixtures("careless_commits")
def test_the_same_cuts_lose_writes_where_commits_are_not_synced(name: str, campaign: Campaign, ram_folder: Path):
    share = SITES[name]
    lost, damaged = losses(share, ram_folder, campaign.seed, share.short)
    campaign.note(f"power_cuts_{name}_normal", cuts=share.short, lost=lost, unopenable=damaged)
    assert lost > share.short // 10
    assert damaged == 0


@each_site
def test_every_boundary_of_one_write_leaves_all_of_it_or_nothing(name: str, campaign: Campaign, ram_folder: Path):
    share = SITES[name]
    recording = record(ram_folder / "written", share.site, share.boundary)
    (begin, before), (end, last) = recording.promises[-2:]
    images = 0
    for at, image in recording.disk.every_cut(begin, end):
        found = after_a_cut(share.site, recording, image, ram_folder / "cut")
        assert found is not None
        assert found in {before, last}
        assert found >= recording.promised(at)
        images += 1
    campaign.note(f"every_boundary_{name}", images=images)
    assert images > end - begin


@each_site
def test_cuts_during_the_recovery_from_a_cut_lose_nothing_either(name: str, campaign: Campaign, ram_folder: Path):
    share = SITES[name]
    rounds = campaign.count("runs", 12, 500)
    recording = record(ram_folder / "written", share.site, share.writes // 2)
    chance = random.Random(campaign.seed)
    for at, image in recording.disk.cuts(recording.moments(chance, rounds), campaign.seed):
        for _ in range(3):
            image = next(cut_while_opening(share.site, recording, image, ram_folder / "opening", chance))
        found = after_a_cut(share.site, recording, image, ram_folder / "cut")
        assert found is not None
        assert found >= recording.promised(at)
    campaign.note(f"power_cuts_in_recovery_{name}", cuts=rounds * 3, lost=0, unopenable=0)


def cut_while_opening(
    site: CutSite, recording: Recording, image: dict[str, bytes], folder: Path, chance: random.Random
) -> Iterator[dict[str, bytes]]:
    """One cut while the files of an earlier one are opened, recovered and closed."""
    put_back(recording, image, folder)
    with RecordingDisk("recovering", is_default=True, before=image) as disk:
        assert site.found(folder) is not None
    shutil.rmtree(folder)
    yield disk.cut(chance.randint(0, len(disk.operations)), chance.randrange(2**32))
