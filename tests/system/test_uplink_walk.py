"""From the journal of a device to the centre and back: a real journal, a real uplink, a real centre."""

import asyncio
import random
import shutil

import pytest

from doorward_api.v1 import centre_service_pb2, uplink_pb2
from doorward_central.listener import ADMIN_SOCKET
from doorward_central.remote_desk import remote_desk
from doorward_central.serving import open_centre
from doorward_daemon.uplink import UplinkState
from doorward_sync.event import Lane
from doorward_sync.gallery_messages import SubjectRecord
from doorward_testing.centre_site import (
    CentreProcess,
    Device,
    centre_settings,
    free_address,
    in_order_once,
    running,
    stored_events,
    template,
    until,
)
from doorward_testing.journals import JournalSite, draft

pytestmark = pytest.mark.system


@pytest.fixture
def journal(tmp_path):
    with JournalSite(tmp_path / "device").open() as journal:
        yield journal


@pytest.fixture
def home(tmp_path):
    return tmp_path / "centre"


async def test_an_event_is_at_the_centre_within_a_second_and_acknowledged(journal, home):
    address = free_address()
    async with open_centre(home, centre_settings(address)), Device(journal, address).connected() as uplink:
        await until(lambda: uplink.report().state is UplinkState.CONNECTED)
        await asyncio.to_thread(journal.append, draft(1))
        took_s = await until(lambda: journal.outbox().unacknowledged == 0)
        assert took_s <= 1.0
        (event,) = await stored_events(home)
        assert (event.device_id, event.seq, event.kind) == ("gate-1", 1, "test.counted")
        assert event.payload_json == '{"number":1,"padding":""}'


async def test_five_hundred_events_of_an_outage_arrive_each_once_in_order(journal, home):
    address = free_address()
    device = Device(journal, address)
    async with device.connected() as uplink:
        async with open_centre(home, centre_settings(address)):
            await asyncio.to_thread(journal.append, draft(0))
            await until(lambda: journal.outbox().unacknowledged == 0)
        for number in range(1, 501):
            await asyncio.to_thread(journal.append, draft(number))
        assert journal.outbox().unacknowledged == 500
        assert uplink.report().last_problem
        async with open_centre(home, centre_settings(address)):
            await until(lambda: journal.outbox().unacknowledged == 0)
            events = await stored_events(home)
            assert len(in_order_once(events)) == 501
            numbers = [event.payload_json.split(":")[1].split(",")[0] for event in events]
            assert numbers == [str(number) for number in range(501)]


async def test_a_centre_killed_in_the_middle_loses_and_doubles_nothing(journal, home):
    centre = CentreProcess(home, free_address())
    chance = random.Random(7)
    stop = asyncio.Event()

    async def emit():
        number = 0
        while not stop.is_set():
            number += 1
            await asyncio.to_thread(journal.append_many, [draft(number, padding=100)] * 5)
        return number * 5

    with running(centre):
        async with Device(journal, centre.address).connected() as uplink:
            emitting = asyncio.create_task(emit())
            for _ in range(4):
                await asyncio.sleep(chance.uniform(0.05, 0.6))
                centre.kill()
                await asyncio.to_thread(centre.start)
            stop.set()
            total = await emitting
            await until(lambda: journal.outbox().unacknowledged == 0, 60)
            # A centre that acknowledges before its commit would be refilled by the device and pass unnoticed.
            assert uplink.report().alarms == {}
        assert in_order_once(await centre.events()) == list(range(1, total + 1))
        assert total > 20


async def test_a_subject_made_at_the_centre_is_known_at_the_gate_within_two_seconds_and_erased_again(journal, home):
    address = free_address()
    device = Device(journal, address)
    async with open_centre(home, centre_settings(address)) as centre, device.connected() as uplink:
        await until(lambda: uplink.report().state is UplinkState.CONNECTED)
        async with remote_desk(home / ADMIN_SOCKET) as desk:
            reference = uplink_pb2.ReferenceRecord(reference_id="r1", template=template(1), embedding_id="test")
            request = centre_service_pb2.CreateFleetSubjectRequest(
                request_id="1", subject_id="anna", display_name="Anna", references=[reference]
            )
            await desk.create_subject(request)
            assert await until(lambda: device.gallery.names() == {"anna": "Anna"}) <= 2.0
            assert device.gallery.given["anna"].references[0].template == template(1)
            await desk.create_subject(request)
            await desk.erase_subject(centre_service_pb2.EraseFleetSubjectRequest(request_id="2", subject_id="anna"))
            assert await until(lambda: device.gallery.names() == {}) <= 2.0
            await until(lambda: _revision_of(desk, centre.fleet.gallery_revision))
        raw = b"".join(path.read_bytes() for path in (home / "data").iterdir())
        assert b"anna" in raw
        assert template(1) not in raw


async def _revision_of(desk, revision):
    page = await desk.list_devices(centre_service_pb2.ListDevicesRequest())
    return page.devices[0].connected and page.devices[0].gallery_revision == revision


async def test_a_subject_enrolled_at_one_gate_reaches_the_other(journal, tmp_path, home):
    address = free_address()
    with JournalSite(tmp_path / "other").open() as other:
        first, second = Device(journal, address), Device(other, address, device_id="gate-2")
        async with open_centre(home, centre_settings(address)), first.connected(), second.connected():
            first.gallery.change(SubjectRecord(subject_id="bo", version=1, display_name="Bo"))
            await until(lambda: second.gallery.names() == {"bo": "Bo"})
            await until(lambda: first.gallery.changes() == (1, 1))
            second.gallery.change(SubjectRecord(subject_id="bo", version=2, erased=True))
            await until(lambda: first.gallery.names() == {})
            await until(lambda: "bo" in first.gallery.given and first.gallery.given["bo"].erased)


async def test_a_gallery_whose_digest_disagrees_gets_a_snapshot(journal, home):
    address = free_address()
    device = Device(journal, address)
    async with open_centre(home, centre_settings(address)) as centre, device.connected() as uplink:
        await until(lambda: uplink.report().state is UplinkState.CONNECTED)
        device.gallery.wreck()
        async with remote_desk(home / ADMIN_SOCKET) as desk:
            request = centre_service_pb2.CreateFleetSubjectRequest(request_id="1", subject_id="cy", display_name="Cy")
            await desk.create_subject(request)
        await until(lambda: device.gallery.names() == {"cy": "Cy"})
        assert centre.fleet.counters.alarms["gallery_disagrees"] == 1


async def test_an_old_image_of_a_device_opens_a_new_epoch_and_nothing_is_swallowed(tmp_path, home):
    address = free_address()
    site = JournalSite(tmp_path / "device")
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(3)])
    shutil.copytree(tmp_path / "device", tmp_path / "image")
    async with open_centre(home, centre_settings(address)):
        with site.open() as journal:
            journal.append_many([draft(number) for number in range(3, 6)])
            async with Device(journal, address).connected():
                await until(lambda: journal.outbox().unacknowledged == 0)
        with JournalSite(tmp_path / "image").open() as journal:
            first_epoch = journal.epoch
            journal.append_many([draft(number) for number in range(100, 102)])
            async with Device(journal, address).connected() as uplink:
                await until(lambda: journal.outbox().unacknowledged == 0 and journal.epoch != first_epoch)
                assert uplink.report().alarms["clone_suspected"] >= 1
            assert journal.verify() is None
        events = await stored_events(home)
    numbers = [event.payload_json for event in events if event.kind == "test.counted"]
    assert len(numbers) == len(set(numbers)) == 8
    assert [event.kind for event in events][-1] == "journal.epoch_opened"


async def test_of_two_devices_with_one_identity_the_newer_stream_lives(journal, tmp_path, home):
    address = free_address()
    with JournalSite(tmp_path / "twin").open() as twin_journal:
        async with open_centre(home, centre_settings(address)) as centre, Device(journal, address).connected() as one:
            await until(lambda: one.report().state is UplinkState.CONNECTED)
            async with Device(twin_journal, address).connected() as two:
                await until(lambda: two.report().attempts >= 1 and one.report().attempts >= 2)
                journal.append(draft(1))
                twin_journal.append(draft(2))
                await until(
                    lambda: journal.outbox().unacknowledged == 0 and twin_journal.outbox().unacknowledged == 0, 30
                )
                assert centre.fleet.is_connected("gate-1")
        assert sorted(event.seq for event in await _offline_events(home)) == [1, 1]


async def _offline_events(home):
    async with open_centre(home, centre_settings(free_address())):
        return await stored_events(home)


async def test_a_device_that_changes_its_centre_brings_the_new_one_everything_it_keeps(journal, tmp_path):
    journal.append_many([draft(number) for number in range(10)])
    for name in ("one", "two"):
        address = free_address()
        async with open_centre(tmp_path / name, centre_settings(address)), Device(journal, address).connected():
            journal.append(draft(99))
            await until(lambda: journal.outbox().unacknowledged == 0 and journal.lane_state(Lane.LEDGER).acked >= 11)
            await until(lambda name=name: _has_all(tmp_path / name, journal))


async def _has_all(home, journal):
    return len(in_order_once(await stored_events(home))) == journal.lane_state(Lane.LEDGER).last
