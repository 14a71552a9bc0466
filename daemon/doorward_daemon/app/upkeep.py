"""Looks after the running daemon: tells lost cameras, late records and moved models; a failed journal ends it."""

import asyncio
from collections.abc import Callable

from doorward_daemon.app.camera_watch import CameraWatch
from doorward_daemon.app.device_watch import DeviceWatch
from doorward_daemon.app.lease_watch import LeaseWatch
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.rooms import Rooms
from doorward_daemon.errors import Fault

_INTERVAL_S = 1.0


async def look_after(
    rooms: Rooms, record: DeviceRecord, lifecycle: Lifecycle, device: DeviceWatch, is_connected: Callable[[], bool]
) -> None:
    """Runs until it is cancelled; ends the process where an inference hangs on the CPU.

    Raises:
        Fault: STORAGE_FAILED, journal or gallery cannot be written any more. An I/O error of a commit cannot be mended
            inside the process: pages may count as written that are not. Only a restart reads what is really there.
    """
    cameras = CameraWatch()
    lease = LeaseWatch(rooms.gates.lease, record, lifecycle)
    while True:
        await asyncio.sleep(_INTERVAL_S)
        if (failure := rooms.journal.failure or rooms.gallery.failure) is not None:
            raise Fault(failure.reason, failure.message, metadata=failure.metadata)
        rooms.memory.forget_old()
        await asyncio.to_thread(rooms.gates.desk.settle)
        lifecycle.report("storage", rooms.journal.storage_problem, vital=False)
        await asyncio.to_thread(lease.look, heard=is_connected())
        device.end_if_hung()
        if (move := device.look()) is not None:
            await asyncio.to_thread(move)
        statuses = rooms.gates.cameras.statuses()
        for camera_id, problem in cameras.problems(statuses).items():
            lifecycle.report(f"camera.{camera_id}", problem, vital=False)
        for change in cameras.changes(statuses):
            await asyncio.to_thread(record.camera_changed, change.camera_id, change.state, change.problem)
        for camera_id, loop in rooms.gates.loops.items():
            problem = "" if loop.is_healthy else f"gate {camera_id}: {loop.problem}"
            lifecycle.report(f"gate.{camera_id}", problem, vital=False)
