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
from doorward_testing.fault_proxy import Toxic, fault_proxy
from doorward_testing.journals import JournalSite, draft

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
