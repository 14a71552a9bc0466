"""SIGKILL of both ends at random moments: every obligation is at the centre once, whole, in order, without a gap.

A kill alone cannot tell a durable journal from one that only reached the system's memory: the power cuts of
test_power_cuts.py do.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from doorward_testing.campaign import Campaign
from doorward_testing.kill_loop import CENTRE, KilledCentre, KillLoop, KillTally, Mortal
from doorward_testing.mortal_devices import BUSY_DEVICE, DAEMON, DAEMON_ROOMS, BusyDevice, LedgerDaemon
from doorward_testing.nursery import Nursery

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(900)]
CENTRE_KILL_EVERY = 10
KILLS_PER_HOME = 250
"""Then a new home begins: records of any length are no fault that kills find."""


@dataclass(frozen=True, slots=True)
class Killing:
    """What is killed, and from which seed."""

    home: Path
    seed: int
    device: Callable[[Path, str], Mortal]
    """Makes one, in a folder, for the address of a centre."""
    centre: Nursery
    tell: Callable[[KillTally], None] = lambda tally: None
    """Told after every home."""


def kill_both_ends(killing: Killing, kills: int) -> KillTally:
    """Kills, in homes of their own; stops at the first home where something is wrong."""
    tally, chance = KillTally(), random.Random(killing.seed)
    while tally.device_kills < kills and tally.is_clean:
        here = killing.home / str(tally.device_kills)
        centre = KilledCentre(here / "centre", killing.centre)
        loop = KillLoop(killing.device(here / "device", centre.address), centre, chance)
        loop.run(min(KILLS_PER_HOME, kills - tally.device_kills), CENTRE_KILL_EVERY, tally)
        killing.tell(tally)
        shutil.rmtree(here)
    return tally


def kill_busy_devices(home: Path, seed: int, kills: int, device: str = BUSY_DEVICE, centre: str = CENTRE) -> KillTally:
    """The same with a journal and an uplink without the daemon around them, which may be red twins."""
    with Nursery(device) as devices, Nursery(centre) as centres:
        return kill_both_ends(Killing(home, seed, partial(_busy_device, devices), centres), kills)


def _busy_device(nursery: Nursery, home: Path, centre: str) -> Mortal:
    return BusyDevice(home, nursery, centre)


def _ledger_daemon(nursery: Nursery, home: Path, centre: str) -> Mortal:
    return LedgerDaemon(home, nursery, centre)


def test_kills_of_the_daemon_and_the_centre_lose_double_and_skip_nothing(campaign: Campaign, ram_folder: Path):
    kills = campaign.count("kills", 100, 10_000)

    def tell(tally: KillTally) -> None:
        campaign.note("kills_of_daemon_and_centre", **tally.figures())

    with Nursery(DAEMON, *DAEMON_ROOMS) as daemons, Nursery(CENTRE) as centres:
        made = partial(_ledger_daemon, daemons)
        tally = kill_both_ends(Killing(ram_folder, campaign.seed, made, centres, tell), kills)
    assert tally.is_clean, tally.figures()
    assert tally.device_kills == kills
    assert sum(verdict.promised for verdict in tally.verdicts) > kills


def test_kills_of_journal_and_uplink_alone_lose_nothing_either(campaign: Campaign, ram_folder: Path):
    kills = campaign.count("kills", 40, 2_000)
    tally = kill_busy_devices(ram_folder, campaign.seed, kills)
    campaign.note("kills_of_journal_and_centre", **tally.figures())
    assert tally.is_clean, tally.figures()


def test_a_device_that_answers_before_its_commit_is_found_out(campaign: Campaign, ram_folder: Path):
    tally = kill_busy_devices(ram_folder, campaign.seed, 20, device="doorward_testing.hasty_parts:device")
    assert sum(verdict.lost for verdict in tally.verdicts) > 0


def test_a_centre_that_acknowledges_before_its_commit_is_found_out(campaign: Campaign, ram_folder: Path):
    tally = kill_busy_devices(ram_folder, campaign.seed, 40, centre="doorward_testing.hasty_parts:centre")
    assert tally.forgotten > 0


def test_a_device_that_writes_twice_what_is_asked_once_is_found_out(campaign: Campaign, ram_folder: Path):
    tally = kill_busy_devices(ram_folder, campaign.seed, 10, device="doorward_testing.hasty_parts:repeating_device")
    assert sum(verdict.doubled for verdict in tally.verdicts) > 0
