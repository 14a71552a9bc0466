"""What a client with a camera sends: settings once, then frames, of which only the newest is kept."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

from google.protobuf.message import DecodeError

from doorward_api.v1 import identify_stream_pb2
from doorward_api.v1 import recognition_service_pb2 as pb
from doorward_daemon.errors import DoorwardError, ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.rpc.client_frame import CaptureClock, check_frame

Requests = AsyncIterator[pb.IdentifyStreamRequest]
CapturedFrame = tuple[identify_stream_pb2.StreamFrame, int]
"""A frame and the monotonic nanoseconds of its capture."""


class FrameIntake:
    """Reads one client; belongs to one event loop.

    Args:
        requests: what the client sends.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._clock = CaptureClock()
        self._newest: CapturedFrame | None = None
        self._changed = asyncio.Event()
        self._failure: DoorwardError | None = None
        self.skipped = 0
        """Frames that gave way to newer ones."""
        self.ended = False
        """Whether the client has sent its last frame."""

    async def settings(self, timeout_s: float) -> identify_stream_pb2.StreamSettings:
        """The first message.

        Raises:
            InvalidInput: FIELD_INVALID, it does not come, or is something else.
        """
        try:
            async with asyncio.timeout(timeout_s):
                request = await anext(self._requests)
        except (TimeoutError, StopAsyncIteration, DecodeError) as error:
            raise _wrong("settings", f"expected as the first message, found none within {timeout_s:g} s") from error
        if request.WhichOneof("message") != "settings":
            raise _wrong("settings", f"expected as the first message, found {request.WhichOneof('message')}")
        return request.settings

    async def pump(self) -> None:
        """Reads frames until the client ends; what goes wrong is raised where frames are taken."""
        try:
            async for request in self._requests:
                self._keep(request)
        except DecodeError:
            self._failure = _wrong("", "expected a request message; the bytes are none")
        except DoorwardError as error:
            self._failure = error
        finally:
            self.ended = True
            self._changed.set()

    async def take(self, timeout_s: float) -> CapturedFrame | None:
        """The newest frame; None where none came in time, or the client has ended.

        Raises:
            InvalidInput: FIELD_INVALID, what came is no frame.
        """
        if self._newest is None and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._changed.wait()
        if self._failure is not None:
            raise self._failure
        self._changed.clear()
        frame, self._newest = self._newest, None
        return frame

    def _keep(self, request: pb.IdentifyStreamRequest) -> None:
        arrived_ns = time.monotonic_ns()
        if request.WhichOneof("message") != "frame":
            raise _wrong("message", f"expected a frame after the settings, found {request.WhichOneof('message')}")
        check_frame(request.frame)
        offset = request.frame.capture_offset
        captured_ns = self._clock.captured_ns(offset.seconds * 1_000_000_000 + offset.nanos, arrived_ns)
        self.skipped += self._newest is not None
        self._newest = (request.frame, captured_ns)
        self._changed.set()


def _wrong(field: str, problem: str) -> InvalidInput:
    return InvalidInput(
        ErrorReason.FIELD_INVALID, f"{field or 'message'}: {problem}", problems=[FieldProblem(field, problem)]
    )
