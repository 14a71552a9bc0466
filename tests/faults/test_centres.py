"""Centres that are slow, hostile or back from an old backup, devices back from an old image: nothing is swallowed."""

import asyncio
import random
import shutil
import time
from pathlib import Path

import apsw
import pytest

from doorward_api.v1 import uplink_pb2
from doorward_central.serving import open_centre
from doorward_daemon.journal import JournalSettings
from doorward_daemon.uplink import UplinkState
from doorward_sync.admission import admit
from doorward_sync.device_session import DeviceSession
from doorward_sync.fingerprint import event_digest
from doorward_testing.campaign import Campaign
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.journals import DAY_US, JournalSite, draft
from doorward_testing.nonsense_centre import LEDGER, Response, greeting, nonsense_centre
from doorward_testing.obligations import Obligations, judge
from doorward_testing.slow_centre import slow_centre

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(600)]
KEEPS_NOTHING = JournalSettings(spare_disk_bytes=0, append_timeout_ms=30_000, keep_acknowledged_days=0.0)


async def test_a_centre_that_takes_its_time_is_sent_nothing_twice_and_holds_nobody_up(
    campaign: Campaign, tmp_path: Path
):
    answer_after_s, batches = (10.0, 6) if campaign.is_long else (1.0, 3)
    address = free_address()
    longest_s = 0.0
    with JournalSite(tmp_path).open() as journal:
        async with slow_centre(address, answer_after_s) as heard, Device(journal, address).connected() as uplink:
            await until(lambda: uplink.report().state is UplinkState.CONNECTED)
            for number in range(batches * 200):
                began_s = time.monotonic()
                await asyncio.to_thread(journal.append, draft(number))
                longest_s = max(longest_s, time.monotonic() - began_s)
            await until(lambda: journal.outbox().unacknowledged == 0, 240.0)
            assert heard.seqs == list(range(1, batches * 200 + 1))
            # Two batches are the credit: one in hand, one that waits.
            assert heard.most_waiting <= 2
            assert uplink.report().attempts == 1
    campaign.note("slow_centre", answer_after_s=answer_after_s, longest_append_s=round(longest_s, 3))
    assert longest_s < answer_after_s


FORGED = {
    "the same acknowledgement again and again": ([("s", 1), ("s", 1), ("s", 1)], [1]),
    "an acknowledgement of an older session": ([("older", 3), ("older", 2)], []),
    "acknowledgements that go back": ([("s", 2), ("s", 1), ("s", 0)], [2]),
    "more than was ever sent": ([("s", 2**40)], []),
    "a negative one": ([("s", -5)], []),
}
"""What is said, and what of it may count."""
SENT = 4


@pytest.mark.parametrize("said", FORGED)
async def test_forged_acknowledgements_count_for_what_was_sent_in_this_session_and_no_more(said: str, tmp_path: Path):
    await check_forged(said, tmp_path)


async def test_a_device_that_believes_every_session_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(DeviceSession, "_is_of_this_session", lambda *_: True)
    with pytest.raises(AssertionError):
        await check_forged("an acknowledgement of an older session", tmp_path)


async def check_forged(said: str, tmp_path: Path) -> None:
    """A hostile centre, then a good one, which gets everything: the device keeps what it has for a centre that lies."""
    address = free_address()
    forged, meant = FORGED[said]

    def script(request):
        if request.HasField("hello"):
            return [greeting()]
        # The last one is as it should be: once it counts, those before it have done whatever they do.
        acks = [uplink_pb2.Ack(session_id=one, lane=LEDGER, through_seq=seq) for one, seq in [*forged, ("s", SENT)]]
        return [Response(ack=ack) for ack in acks] if request.HasField("batch") else []

    with JournalSite(tmp_path / "device").open() as journal:
        believed: list[int] = []
        acknowledge = journal.acknowledge
        journal.acknowledge = lambda lane, through: (believed.append(through), acknowledge(lane, through))
        journal.append_many([draft(number) for number in range(SENT)])
        async with Device(journal, address).connected() as uplink:
            async with nonsense_centre(address, script):
                await until(lambda: SENT in believed or uplink.report().attempts > 1)
            assert [seq for seq in believed if seq != SENT] == meant
            async with open_centre(tmp_path / "centre", centre_settings(address)):

                async def has_all() -> bool:
                    return len(await stored_events(tmp_path / "centre")) == SENT

                await until(has_all)
                assert in_order_once(await stored_events(tmp_path / "centre")) == [1, 2, 3, 4]


async def test_a_centre_back_from_last_weeks_backup_gets_everything_again(tmp_path: Path):
    address, home = free_address(), tmp_path / "centre"
    with JournalSite(tmp_path / "device").open() as journal:
        async with Device(journal, address).connected():
            for part in range(2):
                async with open_centre(home, centre_settings(address)):
                    journal.append_many([draft(part * 50 + number) for number in range(50)])
                    await until(lambda: journal.outbox().unacknowledged == 0)
                if part == 0:
                    shutil.copytree(home / "data", tmp_path / "backup")
            shutil.rmtree(home / "data")
            shutil.copytree(tmp_path / "backup", home / "data")
            async with open_centre(home, centre_settings(address)):
                await until(lambda: journal.outbox().unacknowledged == 0)

                async def has_all() -> bool:
                    return len(await stored_events(home)) == 100

                await until(has_all)
                assert in_order_once(await stored_events(home)) == list(range(1, 101))
        assert journal.verify() is None


async def test_what_a_restored_centre_can_no_longer_get_is_a_hole_that_is_declared(tmp_path: Path):
    address, home = free_address(), tmp_path / "centre"
    site = JournalSite(tmp_path / "device", KEEPS_NOTHING)
    with site.open() as journal:
        async with Device(journal, address).connected():
            async with open_centre(home, centre_settings(address)):
                journal.append_many([draft(number) for number in range(30)])
                await until(lambda: journal.outbox().unacknowledged == 0)
            site.reading.wall_time_us += DAY_US
            assert await asyncio.to_thread(journal.enforce_retention) > 0
            shutil.rmtree(home / "data")
            async with open_centre(home, centre_settings(address)):
                journal.append_many([draft(number) for number in range(30, 35)])
                await until(lambda: bool(journal.newest(5, "journal.hole")) and journal.outbox().unacknowledged == 0)
    verdict = judge(Obligations(), home / "data" / "central.db")
    assert verdict.gaps == 0
    connection = apsw.Connection(str(home / "data" / "central.db"))
    assert connection.execute("SELECT reason FROM holes").fetchall() == [("purged_after_ack",)]
    connection.close()


async def test_old_images_of_a_device_put_back_at_random_swallow_nothing(campaign: Campaign, tmp_path: Path):
    rounds = campaign.count("runs", 6, 200)
    written, there = await put_old_images_back(rounds, campaign.seed, tmp_path)
    campaign.note("restored_device", rounds=rounds, events=written, swallowed=written - there)
    assert there == written


async def test_a_centre_that_takes_every_key_it_knows_for_the_same_event_swallows_some(
    monkeypatch: pytest.MonkeyPatch, campaign: Campaign, tmp_path: Path
):
    def admit_unseen(have, batch, known, placed):
        same = {event.key.seq: event_digest(event) for event in batch.events if event.key.seq in known}
        return admit(have, batch, same, placed)

    monkeypatch.setattr("doorward_central.event_rows.admit", admit_unseen)
    written, there = await put_old_images_back(6, campaign.seed, tmp_path)
    assert there < written


async def put_old_images_back(rounds: int, seed: int, tmp_path: Path) -> tuple[int, int]:
    """A device writes, and an old image of its disk comes back, again and again.

    Returns:
        Events acknowledged to callers, and how many of them are at the centre, each once.
    """
    chance = random.Random(seed)
    address, home, live, image = free_address(), tmp_path / "centre", tmp_path / "device", tmp_path / "image"
    written = 0
    async with open_centre(home, centre_settings(address)):
        for number in range(rounds):
            with JournalSite(live).open() as journal:
                count = chance.randint(2, 12)
                journal.append_many([draft(written + place) for place in range(count)])
                written += count
                async with Device(journal, address).connected():
                    # All of it is taken over before an older disk comes: what only the newer one had would be lost.
                    await until(lambda journal=journal: journal.outbox().unacknowledged == 0)
                assert journal.verify() is None
            if number % 3 == 0:
                shutil.rmtree(image, ignore_errors=True)
                shutil.copytree(live, image)
            else:
                shutil.rmtree(live)
                shutil.copytree(image, live)
        events = await stored_events(home)
    counted = [event.payload_json for event in events if event.kind == "test.counted"]
    assert len(counted) == len(set(counted))
    return written, len(counted)
