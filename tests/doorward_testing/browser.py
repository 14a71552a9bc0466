"""A real headless Chromium, spoken to over its DevTools protocol."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "--window-size=1280,760",
)


class Browser:
    """One page.

    Args:
        socket: of the page's DevTools target.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        """Errors of the page: exceptions, refused loads, broken policies."""

    async def open(self, url: str) -> None:
        """Goes to a page."""
        await self.ask("Page.navigate", url=url)

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Sends a command and waits for its answer."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == number:
                assert "error" not in message, message
                answer: dict[str, Any] = message["result"]
                return answer
            self._note(message)

    async def evaluate(self, script: str) -> object:
        """Value of an expression in the page."""
        answer = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        value: object = answer["result"].get("value")
        return value

    async def until(self, script: str, limit_s: float = 20.0) -> None:
        """Waits until an expression is true in the page.

        Raises:
            TimeoutError: it did not become so; the message has the page's text.
        """
        # What is asked for may not be there yet.
        wanted = f"(() => {{ try {{ return Boolean({script}) }} catch {{ return false }} }})()"
        try:
            async with asyncio.timeout(limit_s):
                while not await self.evaluate(wanted):  # noqa: ASYNC110 - the page tells nobody
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise TimeoutError(f"{script}: {await self.evaluate('document.body.innerText')}") from error

    async def screenshot(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot", format="png"))["data"])

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")


@asynccontextmanager
async def open_browser(profile: Path, language: str = "en") -> AsyncIterator[Browser]:
    """Starts Chromium.

    Args:
        profile: folder for its profile.
        language: of the browser, e.g. "zh-CN".
    """
    process = await asyncio.create_subprocess_exec(
        *(str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", f"--accept-lang={language}", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [target for target in await answer.json() if target["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await browser.ask(f"{domain}.enable")
                yield browser
    finally:
        process.terminate()
        await process.wait()


async def _port(written: Path) -> int:
    async with asyncio.timeout(60):
        while not _is_written(written):  # noqa: ASYNC110 - Chromium tells it by a file only
            await asyncio.sleep(0.05)
    return int(_lines(written)[0])


def _is_written(written: Path) -> bool:
    return written.is_file() and len(_lines(written)) > 1


def _lines(written: Path) -> list[str]:
    return written.read_text("ascii").splitlines()
