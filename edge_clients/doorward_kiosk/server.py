"""Serves the page on loopback and follows the daemon meanwhile."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from doorward_client.errors import Conflict
from doorward_client.target import Target
from doorward_kiosk.board import Board
from doorward_kiosk.followers import follow
from doorward_kiosk.page import Page
from doorward_kiosk.settings import KioskSettings

_LOG = logging.getLogger(__name__)
_SHUTDOWN_S = 1.0


@asynccontextmanager
async def open_kiosk(target: Target, settings: KioskSettings) -> AsyncIterator[str]:
    """Serves the page while the body runs; a daemon need not be there.

    Args:
        target: the daemon.
        settings: where and how eagerly.

    Yields:
        The URL of the page, without a trailing slash.

    Raises:
        Conflict: LISTENER_UNAVAILABLE, the port is taken.
    """
    board = Board(settings.max_watchers)
    runner = web.AppRunner(
        Page(board, settings).application(), access_log=None, shutdown_timeout=_SHUTDOWN_S, handler_cancellation=True
    )
    await runner.setup()
    try:
        url = await _listen(runner, settings)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(follow(target, board, settings))
            try:
                yield url
            finally:
                following.cancel()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: KioskSettings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        address = f"{host}:{settings.port}"
        raise Conflict(
            "LISTENER_UNAVAILABLE",
            f"{address}: the port of the page cannot be opened: {error.strerror}; stop who holds it, or choose "
            "another one with --port",
            metadata={"address": address},
        ) from error
    url = f"http://{host}:{runner.addresses[0][1]}"
    _LOG.info("the page is at %s", url)
    return url
