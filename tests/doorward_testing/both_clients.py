"""One way to call the blocking and the asyncio client, so that one test speaks for both."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from doorward_client import ChannelSettings, DoorwardClient, Target, aio


class Ask(Protocol):
    """Calls one method of a freshly opened client; what a method yields comes back as a list."""

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the method takes
        """Returns what the method returns, or raises what it raises."""


def ask_blocking(target: Target, settings: ChannelSettings | None = None) -> Ask:
    """Calls over the blocking client."""

    def ask(method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        with DoorwardClient(target, settings) as client:
            answer = getattr(client, method)(*arguments, **options)
            return list(answer) if hasattr(answer, "__next__") else answer

    return ask


def ask_asyncio(target: Target, settings: ChannelSettings | None = None) -> Ask:
    """Calls over the asyncio client, each in an event loop of its own."""

    async def call(method: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        async with aio.DoorwardClient(target, settings) as client:
            answer = getattr(client, method)(*arguments, **options)
            return [item async for item in answer] if hasattr(answer, "__anext__") else await answer

    return lambda method, *arguments, **options: asyncio.run(call(method, *arguments, **options))


FLAVOURS: dict[str, Callable[[Target, ChannelSettings | None], Ask]] = {
    "blocking": ask_blocking,
    "asyncio": ask_asyncio,
}
"""Both, by name."""

PICTURE = b"not really a picture: what it shows is for the daemon to judge"
"""Bytes to send."""


def picture_file(folder: Path, name: str = "visitor.jpg") -> Path:
    """A file with PICTURE in it."""
    file = folder / name
    file.write_bytes(PICTURE)
    return file
