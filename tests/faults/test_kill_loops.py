"""SIGKILL of both ends at random moments: every obligation is at the centre once, whole, in order, without a gap.

A kill alone cannot tell a durable journal from one that only reached the system's memory: the power cuts of
test_power_cuts.py do.
"""

import random
from pathlib import Path

import pytest

from doorward_testing.campaign import Campaign
from doorward_testing.kill_loop import CENTRE, DEVICE, KillLoop, KillTally
from doorward_testing.nursery import Nursery

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(0)]
CENTRE_KILL_EVERY = 10
KILLS_PER_HOME = 500
"""Then a new home begins: records of any length are no fault that kills find."""


def kill_both_ends(home: Path, seed: int, kills: int, device: str = DEVICE, centre: str = CENTRE) -> KillTally:
    """Kills, in homes of their own; stops at the first home where something is wrong."""
    tally = KillTally()
    chance = random.Random(seed)
    with Nursery(device) as devices, Nursery(centre) as centres:
        while tally.device_kills < kills and tally.is_clean:
            loop = KillLoop(home / str(tally.device_kills), devices, centres, chance)
            loop.run(min(KILLS_PER_HOME, kills - tally.device_kills), CENTRE_KILL_EVERY, tally)
    return tally


def test_kills_of_both_ends_lose_double_and_skip_nothing(campaign: Campaign, tmp_path: Path):
    kills = campaign.count("kills", 100, 10_000)
    tally = kill_both_ends(tmp_path, campaign.seed, kills)
    campaign.note("kills_of_device_and_centre", **tally.figures())
    assert tally.is_clean, tally.figures()
    assert tally.device_kills == kills
    assert sum(verdict.promised for verdict in tally.verdicts) > kills


def test_a_device_that_answers_before_its_commit_is_found_out(campaign: Campaign, tmp_path: Path):
    tally = kill_both_ends(tmp_path, campaign.seed, 20, device="doorward_testing.hasty_parts:device")
    assert sum(verdict.lost for verdict in tally.verdicts) > 0


def test_a_centre_that_acknowledges_before_its_commit_is_found_out(campaign: Campaign, tmp_path: Path):
    tally = kill_both_ends(tmp_path, campaign.seed, 40, centre="doorward_testing.hasty_parts:centre")
    assert tally.forgotten > 0


def test_a_device_that_writes_twice_what_is_asked_once_is_found_out(campaign: Campaign, tmp_path: Path):
    tally = kill_both_ends(tmp_path, campaign.seed, 20, device="doorward_testing.hasty_parts:repeating_device")
    assert sum(verdict.doubled for verdict in tally.verdicts) > 0
