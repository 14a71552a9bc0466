"""Devices that break the protocol, or come too many at once, are sent away; the others notice nothing."""

import grpc
import pytest

from doorward_api.v1 import uplink_pb2, uplink_service_pb2, uplink_service_pb2_grpc
from doorward_central.serving import open_centre
from doorward_central.settings import CentreSettings, ListenerSettings, UplinkSettings
from doorward_sync.wire_stream import to_wire_request
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.journals import JournalSite, draft
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

pytestmark = pytest.mark.system
REQUEST = uplink_service_pb2.ConnectRequest
HELLO = to_wire_request(hello_of("gate-9", DeviceDisk(5)))
BAD_TALK = {
    "nothing": [REQUEST()],
    "a heartbeat before Hello": [REQUEST(heartbeat=uplink_pb2.UplinkHeartbeat())],
    "Hello twice": [HELLO, HELLO],
    "an empty batch": [HELLO, REQUEST(batch=uplink_pb2.Batch(lane=1))],
    "a batch of nothing known": [HELLO, REQUEST(batch=uplink_pb2.Batch(lane=9))],
    "no identity": [REQUEST(hello=uplink_pb2.Hello(min_protocol=1, max_protocol=1, epoch=1))],
    "a protocol of tomorrow": [REQUEST(hello=uplink_pb2.Hello(device_id="a", min_protocol=2, max_protocol=9))],
}


async def answers(address, requests):
    async with grpc.aio.insecure_channel(address) as channel:
        call = uplink_service_pb2_grpc.UplinkServiceStub(channel).Connect(iter(requests), timeout=10)
        return [response.WhichOneof("message") async for response in call]


@pytest.mark.parametrize("said", BAD_TALK)
async def test_a_device_that_breaks_the_protocol_is_sent_away_and_the_others_go_on(said, tmp_path):
    address = free_address()
    with JournalSite(tmp_path / "device").open() as journal:
        device = Device(journal, address)
        async with open_centre(tmp_path / "centre", centre_settings(address)) as centre, device.connected():
            journal.append(draft(1))
            assert (await answers(address, BAD_TALK[said]))[-1] == "go_away"
            assert centre.fleet.counters.alarms["protocol_error"] == 1
            journal.append(draft(2))
            await until(lambda: journal.outbox().unacknowledged == 0)
            assert in_order_once(await stored_events(tmp_path / "centre")) == [1, 2]
            assert not centre.fleet.is_connected("gate-9")


async def test_handshakes_above_the_rate_are_told_when_to_come_back_and_come_in_later(tmp_path):
    address = free_address()
    slow = UplinkSettings(handshakes_per_s=2.0, handshake_burst=1, reconnect_spread_s=0.5)
    settings = CentreSettings(listener=ListenerSettings(address=address, grace_s=0.5), uplink=slow)
    with JournalSite(tmp_path / "device").open() as journal:
        journal.append(draft(1))
        async with open_centre(tmp_path / "centre", settings):
            assert "go_away" not in await answers(address, [HELLO])
            assert await answers(address, [HELLO]) == ["go_away"]
            async with Device(journal, address).connected():
                await until(lambda: journal.outbox().unacknowledged == 0)
