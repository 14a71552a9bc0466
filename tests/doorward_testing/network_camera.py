"""A camera on the network that does what cameras do: stream, freeze, fall silent, be unplugged, change its size."""

import http.server
import io
import threading
from http import HTTPStatus
from types import TracebackType

import numpy as np
from PIL import Image

_BOUNDARY = "frame"
_HOST = "127.0.0.1"


class NetworkCamera:
    """Serves motion JPEG over HTTP while the body runs. Attributes may be changed at any time.

    Args:
        picture: what it sees.
        rate_hz: frames per second.
    """

    def __init__(self, picture: Image.Image, rate_hz: float = 15.0) -> None:
        self.picture = picture
        self.rate_hz = rate_hz
        self.is_frozen = False
        """Whether it sends the same bytes again and again."""
        self.is_silent = False
        """Whether it keeps the line and sends nothing."""
        self._chance = np.random.default_rng(5)
        self._port = 0
        self._server: http.server.ThreadingHTTPServer | None = None
        self._unplugged = threading.Event()
        self._last = b""

    def __enter__(self) -> "NetworkCamera":
        """Begins to serve."""
        self.plug_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Is gone."""
        self.unplug()

    @property
    def address(self) -> str:
        """Its address, the same in all its lives."""
        return f"http://{_HOST}:{self._port}/stream.mjpg"

    def plug_in(self) -> None:
        """Serves, at the address it had before."""
        self._unplugged = threading.Event()
        self._server = http.server.ThreadingHTTPServer((_HOST, self._port), _handler_of(self, self._unplugged))
        self._server.daemon_threads = True
        self._port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def unplug(self) -> None:
        """Ends all streams and answers no more."""
        self._unplugged.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def frame(self) -> bytes:
        """The next frame, with the noise of a sensor; the last one where it is frozen, on every connection."""
        if not self.is_frozen or not self._last:
            self._last = self._noisy()
        return self._last

    def _noisy(self) -> bytes:
        pixels = np.asarray(self.picture.convert("RGB"), np.int16)
        noise = self._chance.integers(-2, 3, pixels.shape, np.int16)
        encoded = io.BytesIO()
        Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=90)
        return encoded.getvalue()


def _handler_of(camera: NetworkCamera, unplugged: threading.Event) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.end_headers()
            try:
                while not unplugged.wait(1.0 / camera.rate_hz):
                    if camera.is_silent:
                        continue
                    content = camera.frame()
                    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n\r\n"
                    self.wfile.write(head.encode("ascii") + content + b"\r\n")
            except OSError:
                return

        def log_message(self, format: str, *arguments: object) -> None:
            """Says nothing."""

    return Handler
