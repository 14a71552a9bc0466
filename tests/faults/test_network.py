"""The line to the centre is cut, blocked, slowed, sliced or reset: the device notices, comes back, nothing is lost."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from doorward_central.serving import open_centre
from doorward_daemon.journal import Journal
from doorward_daemon.uplink import Uplink, UplinkState
from doorward_sync.device_session import DeviceSession
from doorward_testing.campaign import Campaign
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.fault_proxy import FaultProxy, Toxic, fault_proxy
from doorward_testing.journals import JournalSite, draft

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(300)]
NOTICED_WITHIN_S = 12.0
"""The centre of these tests gives a sign of life every second; three missed ones are silence, ten a slow machine."""


@dataclass(frozen=True, slots=True)
class Line:
    """A device and its centre, with a proxy between them."""

    journal: Journal
    uplink: Uplink
    proxy: FaultProxy
    home: Path

    async def append(self, count: int, padding: int = 0) -> None:
        """Records so many events."""
        first = self.journal.status().events
        drafts = [draft(first + number, padding=padding) for number in range(count)]
        await asyncio.to_thread(self.journal.append_many, drafts)

    async def settle(self, timeout_s: float = 30.0) -> list[int]:
        """Waits until everything is taken over; checks that each event is there once, in order."""
        await until(lambda: self.journal.outbox().unacknowledged == 0, timeout_s)
        return in_order_once(await stored_events(self.home))


@contextlib.asynccontextmanager
async def line(tmp_path: Path, heartbeat_interval_s: int = 1) -> AsyncIterator[Line]:
    address = free_address()
    settings = centre_settings(address)
    settings = replace(settings, uplink=replace(settings.uplink, heartbeat_interval_s=heartbeat_interval_s))
    home = tmp_path / "centre"
    async with contextlib.AsyncExitStack() as stack:
        journal = stack.enter_context(JournalSite(tmp_path / "device").open())
        await stack.enter_async_context(open_centre(home, settings))
        proxy = await stack.enter_async_context(fault_proxy(address))
        uplink = await stack.enter_async_context(Device(journal, proxy.address).connected())
        await until(lambda: uplink.report().state is UplinkState.CONNECTED)
        yield Line(journal, uplink, proxy, home)


async def test_a_line_that_breaks_after_any_number_of_bytes_loses_and_doubles_nothing(
    campaign: Campaign, tmp_path: Path
):
    rounds = campaign.count("runs", 25, 2_000)
    chance = random.Random(campaign.seed)
    async with line(tmp_path) as there:
        for _ in range(rounds):
            there.proxy.poison(Toxic.LIMIT_BYTES, chance.choice((1, 20, 100, 400, 1500, 6000)))
            attempts = there.uplink.report().attempts
            await there.append(chance.randint(1, 20), padding=chance.choice((0, 300)))
            await until(lambda before=attempts: there.uplink.report().attempts > before or _is_empty(there))
            there.proxy.heal()
        seqs = await there.settle()
        campaign.note("broken_lines", rounds=rounds, events=len(seqs), connections=there.proxy.passed.connections)
        assert there.proxy.passed.connections > rounds // 2


def _is_empty(there: Line) -> bool:
    return there.journal.outbox().unacknowledged == 0


@pytest.mark.parametrize("toxic", [Toxic.STALL, Toxic.HALF_OPEN, Toxic.CUT, Toxic.RESET])
async def test_a_dead_line_is_noticed_and_left_and_everything_arrives_once_it_is_back(toxic: Toxic, tmp_path: Path):
    async with line(tmp_path) as there:
        await there.append(3)
        await there.settle()
        there.proxy.poison(toxic)
        await there.append(5)
        before = there.uplink.report().attempts
        took_s = await until(lambda: there.uplink.report().attempts > before, NOTICED_WITHIN_S)
        assert took_s < NOTICED_WITHIN_S
        await there.append(5)
        assert there.journal.outbox().unacknowledged >= 5
        there.proxy.heal()
        assert await there.settle() == list(range(1, 14))


async def test_a_device_that_does_not_listen_for_silence_stays_on_a_dead_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(DeviceSession, "tick", lambda *_: [])
    async with line(tmp_path) as there:
        there.proxy.poison(Toxic.STALL)
        await there.append(5)
        with pytest.raises(AssertionError, match="does not hold"):
            await until(lambda: there.uplink.report().attempts > 1, NOTICED_WITHIN_S / 2)


async def test_a_line_of_32_kbit_per_second_makes_progress_and_is_not_taken_for_dead(
    campaign: Campaign, tmp_path: Path
):
    # The short campaign is ten times as fast, and the signs of life come 25 times as often: two batches of the largest
    # size would take far longer than the silence that ends the stream.
    interval_s, bytes_per_s = (25, 4_000) if campaign.is_long else (1, 40_000)
    async with line(tmp_path, interval_s) as there:
        before = there.uplink.report().attempts
        there.proxy.poison(Toxic.SLOW, bytes_per_s)
        # More than one of the largest batches.
        await there.append(600, padding=400)
        assert there.journal.outbox().bytes > 250_000
        assert len(await there.settle(400.0)) == 600
        connections = there.uplink.report().attempts - before + 1
        campaign.note("slow_line", bytes_per_s=bytes_per_s, events=600, connections=connections)
        assert connections == 1


async def test_a_line_that_passes_single_bytes_passes_everything(tmp_path: Path):
    async with line(tmp_path) as there:
        there.proxy.poison(Toxic.SLICE, 1)
        await there.append(30)
        assert len(await there.settle(60.0)) == 30


async def test_a_record_is_kept_at_its_own_speed_whatever_the_line_does(tmp_path: Path):
    async with line(tmp_path) as there:
        for toxic in (Toxic.STALL, Toxic.CUT, Toxic.NONE):
            there.proxy.poison(toxic)
            took_s = []
            for _ in range(50):
                began_s = asyncio.get_running_loop().time()
                await there.append(1)
                took_s.append(asyncio.get_running_loop().time() - began_s)
            # No event waits for the network: a second is far above any disk, and far below any timeout of the line.
            assert sorted(took_s)[25] < 1.0
        await there.settle()
