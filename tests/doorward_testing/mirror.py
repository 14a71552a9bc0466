"""A real web server on loopback that serves files, and fails on command the way mirrors do."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass(slots=True)
class Mirror:
    """What the server serves and what it was asked."""

    files: dict[str, bytes]
    """Content by path, without the leading slash."""
    cuts: dict[str, list[int]] = field(default_factory=dict)
    """By path: after how many bytes of an answer the connection is cut, one number per answer, first one first."""
    resumes: bool = True
    """Whether Range is honoured."""
    hold: threading.Event | None = None
    """When set up, every answer stops after its header until the event is set."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, Range header) of every request."""
    address: str = ""
    """http://host:port."""

    def url(self, path: str) -> str:
        """Address of a file."""
        return f"{self.address}/{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    mirror: Mirror


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        mirror = cast("_Server", self.server).mirror
        path, asked_range = self.path.lstrip("/"), self.headers.get("Range", "")
        mirror.asked.append((path, asked_range))
        if path not in mirror.files:
            self.send_error(404)
            return
        content, start = mirror.files[path], 0
        if asked_range and mirror.resumes:
            start = int(asked_range.removeprefix("bytes=").rstrip("-"))
        if start and start >= len(content):
            self.send_error(416)
            return
        self._answer(mirror, path, content[start:], start)

    def _answer(self, mirror: Mirror, path: str, body: bytes, start: int) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{start + len(body)}")
        self.end_headers()
        if mirror.hold is not None:
            self.wfile.flush()
            mirror.hold.wait(30)
        cut = mirror.cuts.get(path) or [len(body)]
        self.wfile.write(body[: cut.pop(0)])

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: test output is for tests."""


@contextmanager
def serve_mirror(files: Mapping[str, bytes]) -> Iterator[Mirror]:
    """Serves files on a free port of loopback for as long as the block runs."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.mirror = Mirror(dict(files), address=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="mirror")
    thread.start()
    try:
        yield server.mirror
    finally:
        if server.mirror.hold is not None:
            server.mirror.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
