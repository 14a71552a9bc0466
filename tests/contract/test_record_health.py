"""`doorward.journal` and `doorward.uplink` of the health service, with a real journal, a real uplink, a real centre."""

import asyncio
import contextlib

import pytest

from doorward_central.serving import open_centre
from doorward_daemon.app.record_health import tell_health
from doorward_daemon.errors import Overloaded
from doorward_daemon.journal import JournalSettings
from doorward_daemon.rpc import JOURNAL, UPLINK, HealthBoard
from doorward_sync.event import Lane
from doorward_testing.centre_site import Device, centre_settings, free_address, until
from doorward_testing.journals import JournalSite, draft

MIB = 1024 * 1024


@contextlib.asynccontextmanager
async def told(journal, address):
    """A board that is told how journal and uplink are."""
    board = HealthBoard()
    await board.open()
    async with Device(journal, address).connected() as uplink:
        telling = asyncio.ensure_future(tell_health(board, journal, uplink))
        try:
            yield board
        finally:
            telling.cancel()


def fill(journal):
    """Records events until there is no room."""
    while True:
        journal.append_many([draft(number, padding=900) for number in range(20)])


async def test_the_uplink_serves_while_the_centre_has_greeted(tmp_path):
    address = free_address()
    with JournalSite(tmp_path / "device").open() as journal:
        async with told(journal, address) as board:
            await until(lambda: board.is_serving(JOURNAL))
            assert not board.is_serving(UPLINK)
            async with open_centre(tmp_path / "centre", centre_settings(address)):
                await until(lambda: board.is_serving(UPLINK))
            await until(lambda: not board.is_serving(UPLINK))
            assert board.is_serving(JOURNAL)


async def test_without_a_centre_there_is_no_such_service(tmp_path):
    with JournalSite(tmp_path / "device").open() as journal:
        async with told(journal, "") as board:
            await until(lambda: board.is_serving(JOURNAL))
            assert UPLINK not in board.services()


async def test_the_journal_does_not_serve_while_it_has_no_room_for_decisions(tmp_path):
    with JournalSite(
        tmp_path / "device", JournalSettings(max_bytes=MIB, spare_disk_bytes=0, append_timeout_ms=30_000)
    ).open() as journal:
        async with told(journal, "") as board:
            await until(lambda: board.is_serving(JOURNAL))
            with pytest.raises(Overloaded):
                await asyncio.to_thread(fill, journal)
            await until(lambda: not board.is_serving(JOURNAL))
            await asyncio.to_thread(journal.acknowledge, Lane.LEDGER, journal.lane_state(Lane.LEDGER).last)
            await asyncio.to_thread(journal.enforce_retention)
            await until(lambda: board.is_serving(JOURNAL))
