"""Serves /healthz, /readyz and /metrics on loopback.

aiohttp takes a third of the time in which a daemon that only keeps the record is to be there: it is imported when the
pages are opened.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.http.settings import HttpSettings
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from aiohttp import web

_LOG = logging.getLogger(__name__)
_SHUTDOWN_S = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the device answers what it is there for."""

    reasons: tuple[str, ...] = ()
    """What is in the way, one sentence each; empty where it is ready."""

    @property
    def ready(self) -> bool:
        """Whether nothing is in the way."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class HttpServer:
    """The pages while they are served."""

    url: str
    """Where, without a trailing slash; empty where it is switched off."""


@asynccontextmanager
async def open_http(
    settings: HttpSettings, readiness: Callable[[], Readiness], metrics: Metrics
) -> AsyncIterator[HttpServer]:
    """Serves the pages while the body runs.

    Args:
        settings: where.
        readiness: asked by /readyz, on the event loop: must be quick and must not fail.
        metrics: the figures of /metrics.

    Raises:
        Conflict: LISTENER_UNAVAILABLE, the port is taken.
    """
    if not settings.enabled:
        yield HttpServer("")
        return
    from aiohttp import web

    runner = web.AppRunner(_application(readiness, metrics), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        yield HttpServer(await _listen(runner, settings))
    finally:
        await runner.cleanup()


def _application(readiness: Callable[[], Readiness], metrics: Metrics) -> web.Application:
    from aiohttp import web

    async def healthz(request: web.Request) -> web.Response:
        # That this line runs says that the process and its event loop are alive, which is all it is asked.
        return web.json_response({"status": "ok"})

    async def readyz(request: web.Request) -> web.Response:
        found = readiness()
        return web.json_response(
            {"ready": found.ready, "reasons": list(found.reasons)}, status=200 if found.ready else 503
        )

    async def figures(request: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})

    application = web.Application(client_max_size=1024)
    application.router.add_get("/healthz", healthz)
    application.router.add_get("/readyz", readyz)
    application.router.add_get("/metrics", figures)
    return application


async def _listen(runner: web.AppRunner, settings: HttpSettings) -> str:
    from aiohttp import web

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        address = f"{host}:{settings.port}"
        raise Conflict(
            ErrorReason.LISTENER_UNAVAILABLE,
            f"{address}: the port for health and metrics cannot be opened: {error.strerror}; stop who holds it, set "
            "http.port to another one, or http.enabled = false",
            metadata={"address": address},
        ) from error
    url = f"http://{host}:{runner.addresses[0][1]}"
    _LOG.info("health and metrics are at %s", url)
    return url
