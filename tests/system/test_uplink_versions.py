"""Devices and centres of before and of now: each pair exchanges the gallery in the way that both know."""

import asyncio

import grpc
import pytest

from doorward_api.v1 import centre_service_pb2, uplink_service_pb2_grpc
from doorward_central.listener import ADMIN_SOCKET
from doorward_central.remote_desk import remote_desk
from doorward_central.serving import open_centre
from doorward_sync.wire_stream import to_wire_request
from doorward_testing.centre_site import centre_settings, free_address
from doorward_testing.memory_gallery import MemoryGallery
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

pytestmark = pytest.mark.system


@pytest.mark.parametrize(
    ("gallery", "comes"), [(None, "gallery_delta"), (MemoryGallery(), "gallery_chunk")], ids=["of before", "of now"]
)
async def test_a_device_gets_the_gallery_in_the_way_it_says_it_takes_it(gallery, comes, tmp_path):
    address = free_address()
    hello = to_wire_request(hello_of("gate-1", DeviceDisk(5), gallery=gallery))
    assert hello.hello.takes_gallery_chunks == (gallery is not None)
    async with open_centre(tmp_path, centre_settings(address)):
        async with remote_desk(tmp_path / ADMIN_SOCKET) as desk:
            await desk.create_subject(
                centre_service_pb2.CreateFleetSubjectRequest(request_id="1", subject_id="anna", display_name="Anna")
            )
        async with grpc.aio.insecure_channel(address) as channel:
            call = uplink_service_pb2_grpc.UplinkServiceStub(channel).Connect()
            await call.write(hello)
            async with asyncio.timeout(10):
                while not (found := await call.read()).WhichOneof("message").startswith("gallery"):
                    pass
            call.cancel()
    assert found.WhichOneof("message") == comes
    assert [one.subject_id for one in getattr(found, comes).subjects] == ["anna"]
