"""The routes of the page: three files, the words, and one stream of everything that is known."""

import json
from importlib.resources import files

from aiohttp import web

from doorward_kiosk.board import Board, TooManyWatchersError
from doorward_kiosk.guard import add_headers, refuse_strangers
from doorward_kiosk.settings import KioskSettings
from doorward_kiosk.words import page_words

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}
_RETRY_MS = 1000


class Page:
    """Serves what is on the board.

    Args:
        board: what is known.
        settings: heartbeat.
    """

    def __init__(self, board: Board, settings: KioskSettings) -> None:
        self._board = board
        self._settings = settings
        folder = files("doorward_kiosk") / "static"
        self._bodies = {path: ((folder / name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}
        self._words = json.dumps(page_words(), ensure_ascii=False).encode()

    def application(self) -> web.Application:
        """The application, ready to be served."""
        application = web.Application(middlewares=[refuse_strangers], client_max_size=1024)
        application.on_response_prepare.append(add_headers)
        for path in self._bodies:
            application.router.add_get(path, self._file)
        application.router.add_get("/words.json", self._say)
        application.router.add_get("/healthz", self._health)
        application.router.add_get("/favicon.ico", self._no_icon)
        application.router.add_get("/board", self._stream, allow_head=False)
        return application

    async def _file(self, request: web.Request) -> web.Response:
        body, kind = self._bodies[request.path]
        return web.Response(body=body, content_type=kind, charset="utf-8")

    async def _say(self, request: web.Request) -> web.Response:
        return web.Response(body=self._words, content_type="application/json", charset="utf-8")

    async def _no_icon(self, request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _health(self, request: web.Request) -> web.Response:
        # The page is well also without a daemon: that is when it is needed most.
        return web.json_response({"status": "ok", "link": self._board.get("link")})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        try:
            with self._board.watch() as watcher:
                response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
                await response.prepare(request)
                await response.write(f"retry: {_RETRY_MS}\n\n".encode())
                while True:
                    changes = await watcher.take(self._settings.heartbeat_s)
                    if not changes:
                        await response.write(b"event: alive\ndata: {}\n\n")
                    for topic, document in changes.items():
                        # write() waits while the browser does not read; what is replaced meanwhile is never sent.
                        await response.write(_event(topic, document))
        except TooManyWatchersError as error:
            text = "too many browsers look already\n"
            raise web.HTTPServiceUnavailable(text=text, headers={"Retry-After": "5"}) from error
        except ConnectionResetError:
            return response


def _event(topic: str, document: object) -> bytes:
    # json.dumps leaves no line break in a string, so one data line carries it all.
    return f"event: topic\ndata: {json.dumps({'topic': topic, 'document': document}, ensure_ascii=False)}\n\n".encode()
