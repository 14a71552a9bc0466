"""UplinkService: hands every stream of a device to a session of its own."""

import contextlib
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_status import rpc_status

from doorward_api.v1 import uplink_service_pb2, uplink_service_pb2_grpc
from doorward_central.centre_servicer import status_of
from doorward_central.device_stream import DeviceStream, Write
from doorward_central.error import CentreError
from doorward_central.event_store import EventStore
from doorward_central.fleet import Fleet
from doorward_central.identity import address_of, proved_device
from doorward_central.pushed_streams import PushedStreams
from doorward_central.settings import UplinkSettings
from doorward_sync.centre_greeting import CentreGreeting
from doorward_sync.centre_session import CentreSession
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import GoAwayReason

Context = grpc.aio.ServicerContext[Any, Any]


class UplinkServicer(uplink_service_pb2_grpc.UplinkServiceServicer):
    """Serves devices.

    Args:
        store: where events go.
        fleet: the live streams.
        settings: how devices are treated.
    """

    def __init__(self, store: EventStore, fleet: Fleet, settings: UplinkSettings) -> None:
        self._store = store
        self._fleet = fleet
        self._settings = settings
        self._pushed = PushedStreams()
        self._limits = UplinkLimits(
            credit=settings.credit,
            heartbeat_interval_s=settings.heartbeat_interval_s,
            gallery_chunk_bytes=settings.gallery_chunk_bytes,
        )

    # The generated type knows generators only; grpc.aio takes coroutines that write, too.
    async def Connect(  # type: ignore[override]  # noqa: N802 - rpc names are PascalCase in the contract
        self, request_iterator: AsyncIterator[uplink_service_pb2.ConnectRequest], context: Context
    ) -> None:
        """One stream of one device."""
        await self._serve(request_iterator, context, context.write)

    async def Watch(  # type: ignore[override]  # noqa: N802 - as above
        self, request: uplink_service_pb2.WatchRequest, context: Context
    ) -> None:
        """What comes down, where a device pushes what goes up."""

        async def write(response: uplink_service_pb2.ConnectResponse) -> None:
            await context.write(uplink_service_pb2.WatchResponse(message=response))

        async with _typed_refusals(context):
            pushed = self._pushed.begin(request.stream_id, proved_device(context))
        try:
            # Tells the device that it may push.
            await context.send_initial_metadata(())
            await self._serve(pushed.requests(), context, write)
        finally:
            self._pushed.end(request.stream_id)

    async def Push(  # noqa: N802 - as above
        self, request: uplink_service_pb2.PushRequest, context: Context
    ) -> uplink_service_pb2.PushResponse:
        """One message up."""
        async with _typed_refusals(context):
            await self._pushed.of(request.stream_id, proved_device(context)).push(request)
        return uplink_service_pb2.PushResponse()

    async def _serve(
        self, requests: AsyncIterator[uplink_service_pb2.ConnectRequest], context: Context, write: Write
    ) -> None:
        greeting = CentreGreeting(
            session_id=str(uuid.uuid4()),
            device_id=proved_device(context),
            gallery_revision=self._fleet.gallery_revision,
        )
        session = CentreSession(greeting, self._limits, time.monotonic())
        spread_s = self._settings.reconnect_spread_s
        stream = DeviceStream(session, self._store, self._fleet, address_of(context), spread_s)
        self._fleet.counters.streams += 1
        if not self._fleet.admits():
            stream.end(GoAwayReason.OVERLOADED)
        await stream.run(requests, write)


@contextlib.asynccontextmanager
async def _typed_refusals(context: Context) -> AsyncIterator[None]:
    try:
        yield
    except CentreError as error:
        await context.abort_with_status(rpc_status.to_status(status_of(error)))
