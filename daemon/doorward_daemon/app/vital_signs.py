"""What the watchdog looks at: the event loop and every gate."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from doorward_daemon.app.rooms import Rooms
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.app.watchdog import VitalSign, Watchdog

_BEAT_S = 0.5
_LONGEST_PAUSE_S = 10.0


@contextmanager
def watched(notice: SupervisorNotice, rooms: Rooms) -> Iterator[None]:
    """Feeds the supervisor's watchdog while the event loop and all gates move."""
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(_BEAT_S)

    beating = asyncio.get_running_loop().create_task(beat())
    signs = {"event_loop": VitalSign(lambda: beats, longest_pause_s=_LONGEST_PAUSE_S)}
    for camera_id, gate in rooms.gates.loops.items():
        signs[f"gate.{camera_id}"] = VitalSign(partial(getattr, gate, "progress"), longest_pause_s=_LONGEST_PAUSE_S)
    watchdog = Watchdog(signs, lambda stalled: None if stalled else notice.alive())
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()
        beating.cancel()
