"""Where something between breaks streams, the same messages go as calls; real gRPC, a real centre, a real journal."""

import asyncio
import contextlib

import grpc
import pytest

from doorward_api.v1 import uplink_service_pb2, uplink_service_pb2_grpc
from doorward_central.serving import open_centre
from doorward_daemon.uplink import UplinkSettings, UplinkState
from doorward_sync.line_choice import LineKind
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.journals import JournalSite, draft
from doorward_testing.stream_breaker import Streams, stream_breaker

pytestmark = pytest.mark.system


@contextlib.asynccontextmanager
async def site(tmp_path, streams: Streams, stream_retry_s: float):
    """A device, a centre, and something between them."""
    address, between = free_address(), free_address()
    with JournalSite(tmp_path / "device").open() as journal:
        device = Device(
            journal, between, settings=UplinkSettings(greeting_timeout_s=1.0, stream_retry_s=stream_retry_s)
        )
        async with (
            open_centre(tmp_path / "centre", centre_settings(address)),
            stream_breaker(between, address, streams) as breaker,
            device.connected() as uplink,
        ):
            yield journal, breaker, uplink


@pytest.mark.parametrize("streams", [Streams.HELD, Streams.REFUSED])
async def test_events_arrive_each_once_in_order_where_streams_are_broken(streams, tmp_path):
    async with site(tmp_path, streams, 3600.0) as (journal, breaker, uplink):
        await asyncio.to_thread(journal.append_many, [draft(number, padding=300) for number in range(300)])
        await until(lambda: journal.outbox().unacknowledged == 0)
        assert uplink.report().line is LineKind.CALLS
        assert breaker.calls > 0
        await asyncio.to_thread(journal.append, draft(300))
        await until(lambda: journal.outbox().unacknowledged == 0)
        assert in_order_once(await stored_events(tmp_path / "centre")) == list(range(1, 302))


async def test_it_goes_back_to_a_stream_once_streams_pass_again(tmp_path):
    async with site(tmp_path, Streams.REFUSED, 1.0) as (journal, breaker, uplink):
        await until(lambda: uplink.report().line is LineKind.CALLS and uplink.report().state is UplinkState.CONNECTED)
        tried = breaker.connects
        await until(lambda: breaker.connects > tried)
        breaker.streams = Streams.PASS
        await until(lambda: uplink.report().line is LineKind.STREAM and uplink.report().state is UplinkState.CONNECTED)
        pushed = breaker.calls
        await asyncio.to_thread(journal.append_many, [draft(number) for number in range(20)])
        await until(lambda: journal.outbox().unacknowledged == 0)
        assert breaker.calls == pushed
        assert in_order_once(await stored_events(tmp_path / "centre")) == list(range(1, 21))


async def test_calls_that_belong_to_no_stream_or_leave_a_gap_are_refused_by_type(tmp_path):
    address = free_address()
    async with (
        open_centre(tmp_path / "centre", centre_settings(address)),
        grpc.aio.insecure_channel(address) as channel,
    ):
        stub = uplink_service_pb2_grpc.UplinkServiceStub(channel)
        watch = stub.Watch(uplink_service_pb2.WatchRequest(stream_id="0123456789abcdef"))
        await watch.wait_for_connection()
        second = stub.Watch(uplink_service_pb2.WatchRequest(stream_id="0123456789abcdef"))
        assert await second.code() is grpc.StatusCode.INVALID_ARGUMENT
        for stream_id, number in (("another-0123456789", 1), ("0123456789abcdef", 2)):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.Push(uplink_service_pb2.PushRequest(stream_id=stream_id, number=number))
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        watch.cancel()
