"""Looks after the running daemon: tells lost cameras, late records and moved models; a failed journal ends it."""

import asyncio

from doorward_daemon.app.device_watch import DeviceWatch
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.rooms import Rooms
from doorward_daemon.camera import CameraState
from doorward_daemon.errors import Fault

_INTERVAL_S = 1.0
_WELL = (CameraState.STREAMING, CameraState.CONNECTING, CameraState.ENDED)


async def look_after(rooms: Rooms, record: DeviceRecord, lifecycle: Lifecycle, device: DeviceWatch) -> None:
    """Runs until it is cancelled; ends the process where an inference hangs on the CPU.

    Raises:
        Fault: STORAGE_FAILED, journal or gallery cannot be written any more. An I/O error of a commit cannot be mended
            inside the process: pages may count as written that are not. Only a restart reads what is really there.
    """
    lost: set[str] = set()
    while True:
        await asyncio.sleep(_INTERVAL_S)
        if (failure := rooms.journal.failure or rooms.gallery.failure) is not None:
            raise Fault(failure.reason, failure.message, metadata=failure.metadata)
        await asyncio.to_thread(rooms.gates.desk.settle)
        lifecycle.report("storage", rooms.journal.storage_problem, vital=False)
        device.end_if_hung()
        if (move := device.look()) is not None:
            await asyncio.to_thread(move)
        lost = await _look_at_cameras(rooms, record, lifecycle, lost)
        for camera_id, loop in rooms.gates.loops.items():
            problem = "" if loop.is_healthy else f"gate {camera_id}: {loop.problem}"
            lifecycle.report(f"gate.{camera_id}", problem, vital=False)


async def _look_at_cameras(rooms: Rooms, record: DeviceRecord, lifecycle: Lifecycle, lost: set[str]) -> set[str]:
    now_lost: set[str] = set()
    for status in rooms.gates.cameras.statuses():
        is_lost = status.state not in _WELL
        if is_lost:
            now_lost.add(status.camera_id)
        problem = f"camera {status.camera_id}: {status.problem or status.state.value.lower()}" if is_lost else ""
        lifecycle.report(f"camera.{status.camera_id}", problem, vital=False)
        if is_lost != (status.camera_id in lost):
            await asyncio.to_thread(record.camera_changed, status.camera_id, status.state.value, status.problem)
    return now_lost
