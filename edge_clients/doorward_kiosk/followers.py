"""All followers of one daemon, for as long as the page runs."""

import asyncio

from doorward_client.aio import DoorwardClient
from doorward_client.channel import ChannelSettings
from doorward_client.target import Target
from doorward_kiosk.board import Board
from doorward_kiosk.follow_camera import CameraFollower
from doorward_kiosk.follow_device import DeviceFollower
from doorward_kiosk.follow_events import EventFollower
from doorward_kiosk.settings import KioskSettings

_CAMERAS_S = 0.5
# The followers ask again themselves, and say meanwhile that nobody answers.
_CHANNEL = ChannelSettings(deadline_s=3.0, max_attempts=1)


async def follow(target: Target, board: Board, settings: KioskSettings) -> None:
    """Follows a daemon, there or not, until it is cancelled; reconnects by itself.

    Args:
        target: the daemon.
        board: where the documents go.
        settings: how eagerly.
    """
    async with DoorwardClient(target, _CHANNEL) as daemon, asyncio.TaskGroup() as tasks:
        device = DeviceFollower(daemon, target.address, board, settings)
        tasks.create_task(device.run())
        tasks.create_task(EventFollower(daemon, board, settings, device.hurry).run())
        tasks.create_task(_follow_cameras(daemon, board, settings, tasks))


async def _follow_cameras(
    daemon: DoorwardClient, board: Board, settings: KioskSettings, tasks: asyncio.TaskGroup
) -> None:
    followed: dict[str, asyncio.Task[None]] = {}
    while True:
        listed = (board.get("cameras") or {}).get("cameras", ())
        wanted = {camera["camera_id"] for camera in listed}
        for camera_id in wanted - followed.keys():
            followed[camera_id] = tasks.create_task(CameraFollower(daemon, camera_id, board, settings).run())
        for camera_id in followed.keys() - wanted:
            followed.pop(camera_id).cancel()
        await asyncio.sleep(_CAMERAS_S)
