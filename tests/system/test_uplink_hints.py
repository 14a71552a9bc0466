"""An alarm is seen at the centre before the backlog it waits behind, over a real line that is slow."""

import asyncio

import pytest

from doorward_api.v1 import centre_pb2, centre_service_pb2
from doorward_central.listener import ADMIN_SOCKET
from doorward_central.remote_desk import remote_desk
from doorward_central.serving import open_centre
from doorward_daemon.journal import EventDraft
from doorward_daemon.uplink import UplinkState
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.daemon import RunningDaemon
from doorward_testing.fault_proxy import Toxic, fault_proxy
from doorward_testing.journals import JournalSite, draft, open_patient_journal
from doorward_testing.ledger_home import write_ledger_home

pytestmark = pytest.mark.system
BACKLOG = 400


async def announced(home) -> list[centre_pb2.StoredEvent]:
    async with remote_desk(home / ADMIN_SOCKET) as desk:
        return list((await desk.list_events(centre_service_pb2.ListStoredEventsRequest(newest=1))).hints)


async def test_an_alarm_is_at_the_centre_before_the_backlog_and_once_when_it_is_through(tmp_path):
    address, home = free_address(), tmp_path / "centre"
    with JournalSite(tmp_path / "device").open() as journal:
        async with (
            open_centre(home, centre_settings(address)) as centre,
            fault_proxy(address) as proxy,
            Device(journal, proxy.address).connected() as uplink,
        ):
            await until(lambda: uplink.report().state is UplinkState.CONNECTED)
            proxy.poison(Toxic.SLOW, 40_000)
            await asyncio.to_thread(journal.append_many, [draft(number, padding=400) for number in range(BACKLOG)])
            alarm = await asyncio.to_thread(journal.append, EventDraft("camera.lost", {"camera_id": "gate"}))
            await until(lambda: centre.fleet.counters.hints > 0)
            (hint,) = await announced(home)
            assert (hint.event_id, hint.kind, hint.device_id) == (alarm.event_id, "camera.lost", "gate-1")
            # It is far ahead: nothing is acknowledged because of it.
            assert journal.outbox().unacknowledged > BACKLOG // 2
            assert alarm.event_id not in {event.event_id for event in await stored_events(home)}
            assert uplink.report().hints == 1
            proxy.heal()
            await until(lambda: journal.outbox().unacknowledged == 0)
            stored = await stored_events(home)
            assert in_order_once(stored) == list(range(1, BACKLOG + 2))
            assert [event.event_id for event in stored if event.kind == "camera.lost"] == [alarm.event_id]
            assert await announced(home) == []


async def test_after_a_kill_an_alarm_that_waits_is_announced_again_and_stays_one_at_the_centre(tmp_path):
    address, home = free_address(), tmp_path / "centre"
    async with open_centre(home, centre_settings(address)) as centre, fault_proxy(address) as proxy:
        gate = write_ledger_home(tmp_path / "gate", proxy.address)
        with open_patient_journal(gate / "data") as journal:
            # The one that is next in the queue needs no announcement; the newest of those behind it get one.
            first = journal.append(EventDraft("door.fault", {"door_id": "main"}))
            older = journal.append_many([EventDraft("camera.lost", {"camera_id": str(n)}) for n in range(3)])
            journal.append_many([draft(number, padding=400) for number in range(BACKLOG)])
            newest = journal.append_many([EventDraft("camera.lost", {"camera_id": str(n)}) for n in range(8)])
        daemon = RunningDaemon(gate)
        proxy.poison(Toxic.CUT)
        with daemon:
            await until(lambda: proxy.passed.connections > 0)
            proxy.poison(Toxic.SLOW, 40_000)
            await until(lambda: centre.fleet.counters.hints >= len(newest))
            daemon.kill()
            before = (proxy.passed.connections, proxy.passed.up_bytes)
            await asyncio.to_thread(daemon.start)
            await asyncio.to_thread(daemon.wait_until_ready)
            # The hints stand before the first batch: with this much, all of them have come a second time.
            await until(lambda: proxy.passed.connections > before[0] and proxy.passed.up_bytes > before[1] + 20_000)
            announced_ids = {hint.event_id for hint in await announced(home)}
            assert announced_ids == {event.event_id for event in newest}
            assert centre.fleet.counters.hints == len(newest)
            assert not announced_ids & {event.event_id for event in await stored_events(home)}
            proxy.heal()
            await until(lambda: _has(home, newest[-1].event_id))
            stored = [
                event.event_id for event in await stored_events(home) if event.kind in ("camera.lost", "door.fault")
            ]
            assert stored == [event.event_id for event in (first, *older, *newest)]
            assert await announced(home) == []


async def _has(home, event_id: str) -> bool:
    return event_id in {event.event_id for event in await stored_events(home)}
