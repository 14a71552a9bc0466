"""Follows one camera while somebody watches."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from doorward_api.v1.camera_service_pb2 import WatchCameraResponse
from doorward_client.aio import DoorwardClient
from doorward_client.errors import DoorwardError
from doorward_kiosk.backoff import Backoff
from doorward_kiosk.board import Board
from doorward_kiosk.documents import problem_document, view_document
from doorward_kiosk.settings import KioskSettings


def view_topic(camera_id: str) -> str:
    """Topic of a camera's views."""
    return f"view:{camera_id}"


class CameraFollower:
    """Keeps the topic `view:<camera>`; asks for no picture while nobody looks.

    Args:
        daemon: open.
        camera_id: which camera.
        board: where the views go.
        settings: how many per second.
    """

    def __init__(self, daemon: DoorwardClient, camera_id: str, board: Board, settings: KioskSettings) -> None:
        self._daemon = daemon
        self._camera_id = camera_id
        self._topic = view_topic(camera_id)
        self._board = board
        self._settings = settings
        self._backoff = Backoff(settings)

    async def run(self) -> None:
        """Follows until it is cancelled."""
        try:
            while True:
                await self._board.watched.wait()
                try:
                    await self._follow()
                    await asyncio.sleep(self._settings.retry_s)  # nobody looks, or the daemon stops
                except DoorwardError as error:
                    self._board.put(self._topic, {"camera_id": self._camera_id, "problem": problem_document(error)})
                    await asyncio.sleep(self._backoff.wait_s(error))
        finally:
            self._board.drop(self._topic)

    async def _follow(self) -> None:
        rate_hz = self._settings.max_views_hz
        stream = self._daemon.watch_camera(self._camera_id, max_rate_hz=rate_hz, with_picture=True, resume=False)
        async with aclosing(cast("AsyncGenerator[WatchCameraResponse]", stream)) as views:
            async for response in views:
                self._backoff.reset()
                if response.view.width_px:  # else a sign of life: nothing was judged since
                    self._board.put(self._topic, view_document(response.view))
                if not self._board.watched.is_set():
                    # A face must not wait here for the next one who opens the page.
                    self._board.drop(self._topic)
                    return
