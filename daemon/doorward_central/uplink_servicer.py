"""UplinkService: hands every stream of a device to a session of its own."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc

from doorward_api.v1 import uplink_service_pb2, uplink_service_pb2_grpc
from doorward_central.device_stream import DeviceStream
from doorward_central.event_store import EventStore
from doorward_central.fleet import Fleet
from doorward_central.identity import address_of, proved_device
from doorward_central.settings import UplinkSettings
from doorward_sync.centre_session import CentreGreeting, CentreSession
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
        self._limits = UplinkLimits(credit=settings.credit, heartbeat_interval_s=settings.heartbeat_interval_s)

    # The generated type knows generators only; grpc.aio takes coroutines that write, too.
    async def Connect(  # type: ignore[override]  # noqa: N802 - rpc names are PascalCase in the contract
        self, request_iterator: AsyncIterator[uplink_service_pb2.ConnectRequest], context: Context
    ) -> None:
        """One stream of one device."""
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
        await stream.run(request_iterator, context.write)
