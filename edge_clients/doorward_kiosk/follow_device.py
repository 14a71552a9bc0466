"""Asks again and again how the device, its doors, its cameras and its uplink are."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from google.protobuf.message import Message

from doorward_client.aio import DoorwardClient
from doorward_client.document import document_of
from doorward_client.errors import DoorwardError, Unreachable
from doorward_kiosk.backoff import UNSERVED, Backoff
from doorward_kiosk.board import Board, Document
from doorward_kiosk.documents import problem_document
from doorward_kiosk.settings import KioskSettings

Question = Callable[[], Awaitable[Message]]
LINK = "link"
"""Topic of the connection to the daemon."""


class DeviceFollower:
    """Keeps the topics `link`, `info`, `status`, `doors`, `cameras` and `uplink`.

    Args:
        daemon: open.
        target: its address, for the screen.
        board: where the documents go.
        settings: how often.
    """

    def __init__(self, daemon: DoorwardClient, target: str, board: Board, settings: KioskSettings) -> None:
        self._daemon = daemon
        self._target = target
        self._board = board
        self._settings = settings
        self._backoff = Backoff(settings)
        self._hurry = asyncio.Event()
        self._questions: Mapping[str, Question] = {
            "info": daemon.get_info,
            "cameras": daemon.list_cameras_page,
            "doors": daemon.list_doors_page,
            "uplink": daemon.get_uplink_status,
        }

    def hurry(self) -> None:
        """Something happened: asks now instead of a second later."""
        self._hurry.set()

    async def run(self) -> None:
        """Asks until it is cancelled."""
        self._say("CONNECTING")
        while True:
            try:
                await self._ask_all()
            except DoorwardError as error:
                self._say("ABSENT", problem_document(error))
                await asyncio.sleep(self._backoff.wait_s(error))
            else:
                self._backoff.reset()
                self._say("CONNECTED")
                await self._rest()

    async def _ask_all(self) -> None:
        # Every daemon has its status; whatever else is refused or missing is shown as such, and the rest goes on.
        self._board.put("status", document_of(await self._daemon.get_status()))
        for topic, question in self._questions.items():
            self._board.put(topic, await self._ask(question))

    async def _ask(self, question: Question) -> Document:
        try:
            return document_of(await question())
        except Unreachable:
            raise
        except DoorwardError as error:
            return {"unserved": error.reason == UNSERVED, "problem": problem_document(error)}

    def _say(self, state: str, problem: Document | None = None) -> None:
        self._board.put(LINK, {"state": state, "target": self._target, "problem": problem})

    async def _rest(self) -> None:
        if self._board.watched.is_set():
            await _until(self._hurry, self._settings.poll_s)
        else:
            await _until(self._board.watched, self._settings.idle_poll_s)
        self._hurry.clear()


async def _until(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
