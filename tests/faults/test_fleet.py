"""A month's backlog, and a fleet that comes back at once."""

import asyncio
import os
import random
import time
from pathlib import Path

import apsw
import pytest

from doorward_testing.campaign import Campaign
from doorward_testing.centre_site import CentreProcess, Device, free_address, running, until
from doorward_testing.journals import JournalSite, draft
from doorward_testing.obligations import Obligations, judge
from doorward_testing.storm import simulate

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
DEVICES = 10_000


def any_moment(dice: random.Random) -> float:
    return dice.random()


def the_latest_moment(dice: random.Random) -> float:
    return 1.0


@pytest.mark.parametrize("outage_s", [10.0, 600.0])
def test_ten_thousand_devices_come_back_without_a_storm(outage_s: float, campaign: Campaign):
    # The first is a restart of the centre, the second an outage in which everybody has tried before.
    storm = simulate(DEVICES, outage_s, campaign.seed, any_moment)
    campaign.note(
        f"storm_after_{outage_s:.0f}_s",
        devices=DEVICES,
        peak_per_s=storm.peak_per_s,
        p99_after_return_s=round(storm.p99_after_return_s, 1),
        connected_after_s=round(storm.connected_after_s, 1),
    )
    assert storm.peak_per_s <= 200
    assert storm.p99_after_return_s <= (120.0 if outage_s < 60.0 else 300.0)


def test_the_same_fleet_without_jitter_is_a_storm(campaign: Campaign):
    assert simulate(DEVICES, 10.0, campaign.seed, the_latest_moment).peak_per_s > DEVICES // 2


@pytest.mark.system
async def test_a_months_backlog_is_drained_in_one_go(campaign: Campaign, tmp_path: Path):
    events = campaign.count("runs", 10_000, 150_000)
    centre = CentreProcess(tmp_path / "centre", free_address())
    with JournalSite(tmp_path / "device").open() as journal:
        for first in range(0, events, 1000):
            await asyncio.to_thread(journal.append_many, [draft(first + place, padding=150) for place in range(1000)])
        raw_s = await asyncio.to_thread(seconds_of_sqlite_alone, tmp_path / "raw.db", events)
        with running(centre):
            async with Device(journal, centre.address).connected():
                began_s = time.monotonic()
                await until(lambda: journal.outbox().unacknowledged == 0, 600.0)
                took_s = time.monotonic() - began_s
    verdict = judge(Obligations(), tmp_path / "centre" / "data" / "central.db")
    campaign.note(
        "backlog",
        events=events,
        drained_s=round(took_s, 2),
        sqlite_alone_s=round(raw_s, 2),
        ratio=round(raw_s / took_s, 3),
    )
    assert verdict.kept == events
    assert (verdict.gaps, verdict.broken, verdict.doubled) == (0, 0, 0)


def seconds_of_sqlite_alone(path: Path, events: int) -> float:
    """The same rows in the same portions into a table with the centre's indexes, durable, by nothing but SQLite."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE raw (one INTEGER PRIMARY KEY, id TEXT UNIQUE, place INTEGER UNIQUE, content BLOB)")
    began_s = time.monotonic()
    for first in range(0, events, 200):
        with connection:
            rows = [(f"{first + place:036}", first + place, os.urandom(500)) for place in range(200)]
            connection.executemany("INSERT INTO raw (id, place, content) VALUES (?, ?, ?)", rows)
    took_s = time.monotonic() - began_s
    connection.close()
    return took_s
