"""Tells health how the record and its way to the centre are."""

import asyncio

from doorward_daemon.journal import Journal
from doorward_daemon.rpc import JOURNAL, UPLINK, HealthBoard
from doorward_daemon.uplink import Uplink, UplinkState

_INTERVAL_S = 0.5


async def tell_health(board: HealthBoard, journal: Journal, uplink: Uplink) -> None:
    """Runs until it is cancelled. Without a centre there is no health service of the uplink.

    Args:
        board: of the listeners.
        journal: the record.
        uplink: the connection to the centre.
    """
    told: dict[str, bool] = {}
    while True:
        now = {JOURNAL: journal.is_taking}
        if (state := uplink.report().state) is not UplinkState.DISABLED:
            now[UPLINK] = state is UplinkState.CONNECTED
        for service, serving in now.items():
            if told.get(service) is not serving:
                await board.set(service, serving=serving)
        told = now
        await asyncio.sleep(_INTERVAL_S)
