"""SIGKILL of the whole daemon while its camera decides, and of its centre: what a reader was told is there once."""

import random
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.busy_gate import prepare_busy_gate
from doorward_testing.campaign import Campaign
from doorward_testing.centre_site import CentreProcess, free_address
from doorward_testing.gate_kills import GateKills

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.models, pytest.mark.timeout(900)]
CENTRE_KILLS_OF_TEN = 3


def test_kills_of_a_deciding_gate_and_its_centre_lose_double_and_skip_nothing(
    campaign: Campaign, any_pack: InstalledPack, tmp_path: Path
):
    kills = campaign.count("kills", 10, 100)
    centre_kills = max(1, kills * CENTRE_KILLS_OF_TEN // 10)
    centre = CentreProcess(tmp_path / "centre", free_address())
    home = prepare_busy_gate(tmp_path / "gate", any_pack, centre.address)
    tally = GateKills(home, centre, random.Random(campaign.seed)).run(kills, centre_kills)
    campaign.note("kills_of_a_deciding_gate", **tally.figures())
    assert tally.is_clean, tally.figures()
    assert (tally.daemon_kills, tally.centre_kills) == (kills, centre_kills)
    # Kills that meet no decision prove nothing.
    assert tally.decisions >= 2 * kills
    assert tally.granted >= kills
