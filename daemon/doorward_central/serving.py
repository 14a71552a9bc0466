"""Runs the centre: opens the store, serves until a signal, stops in reverse."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc

from doorward_api.v1 import centre_service_pb2_grpc, uplink_service_pb2_grpc
from doorward_central.centre_servicer import CentreServicer
from doorward_central.counters import Counters
from doorward_central.desk import StoreDesk
from doorward_central.fleet import Fleet
from doorward_central.listener import ADMIN_SOCKET, listen, listen_on_socket, make_server
from doorward_central.settings import CentreSettings, UplinkSettings
from doorward_central.sqlite_store import SqliteStore, open_sqlite_store
from doorward_central.uplink_servicer import UplinkServicer
from doorward_sync.messages import GoAwayReason
from doorward_sync.token_bucket import TokenBucket

_LOG = logging.getLogger(__name__)
_ADMIN_CALLS = 32
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that serves."""

    address: str
    """Where devices reach it."""
    store: SqliteStore
    """What it keeps."""
    fleet: Fleet
    """Who is connected."""


@contextlib.asynccontextmanager
async def open_centre(home: Path, settings: CentreSettings) -> AsyncIterator[Centre]:
    """Serves while the body runs.

    Args:
        home: the home folder; the store lies in `data`, the operator's socket in `run`.
        settings: all of them.

    Raises:
        CentreError: the store or a listener cannot be opened.
    """
    with open_sqlite_store(home / "data", settings.store.max_bytes) as store:
        fleet = Fleet(await store.gallery_revision(), _handshakes(settings.uplink), Counters())
        async with contextlib.AsyncExitStack() as stack:
            # The operator's socket closes last: he sees the fleet leave.
            admin = make_server(_ADMIN_CALLS)
            centre_service_pb2_grpc.add_CentreServiceServicer_to_server(CentreServicer(StoreDesk(store, fleet)), admin)
            socket = home / ADMIN_SOCKET
            listen_on_socket(admin, socket)
            stack.callback(socket.unlink, missing_ok=True)
            await _start(admin, 0.0, stack)
            server = make_server(settings.listener.max_streams)
            servicer = UplinkServicer(store, fleet, settings.uplink)
            uplink_service_pb2_grpc.add_UplinkServiceServicer_to_server(servicer, server)
            address = listen(server, settings.listener)
            await _start(server, settings.listener.grace_s, stack)
            stack.callback(fleet.end_all, GoAwayReason.SHUTTING_DOWN)
            yield Centre(address, store, fleet)


async def serve(home: Path, settings: CentreSettings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        CentreError: it cannot start, or its storage has failed.
    """
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    async with open_centre(home, settings) as centre:
        _LOG.info("serving devices on %s, operators on %s", centre.address, home / ADMIN_SOCKET)
        while not asked_to_stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked_to_stop.wait(), _LOOK_EVERY_S)
            if centre.store.failure is not None:
                # Pages may count as written that are not: only a restart reads what is there.
                raise centre.store.failure
        _LOG.info("stopping")


async def _start(server: grpc.aio.Server, grace_s: float, stack: contextlib.AsyncExitStack) -> None:
    stack.push_async_callback(server.stop, grace_s)
    await server.start()


def _handshakes(settings: UplinkSettings) -> TokenBucket:
    burst = settings.handshake_burst
    return TokenBucket(rate_per_s=settings.handshakes_per_s, burst=burst, tokens=burst, at_s=time.monotonic())
