"""Frames of a camera of one's own, made ready to be judged as a stream."""

import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import TypeAlias

from doorward_api.v1.identify_stream_pb2 import StreamFrame, StreamSettings
from doorward_api.v1.picture_pb2 import Picture
from doorward_api.v1.recognition_service_pb2 import IdentifyStreamRequest

Frames: TypeAlias = Iterable[bytes | StreamFrame] | AsyncIterable[bytes | StreamFrame]
"""Encoded pictures, stamped as they are sent, or whole frames of the contract; AsyncIterable for the asyncio client."""


class FrameStamper:
    """Numbers frames and stamps them with the time since the stream began.

    Args:
        door_id: the door the camera looks at; empty judges only.
    """

    def __init__(self, door_id: str) -> None:
        self._started_ns = time.monotonic_ns()
        self._number = 0
        self.settings = IdentifyStreamRequest(settings=StreamSettings(door_id=door_id))
        """The first message."""

    def request(self, frame: bytes | StreamFrame) -> IdentifyStreamRequest:
        """The message of one frame; a whole frame stays as it is."""
        if isinstance(frame, StreamFrame):
            return IdentifyStreamRequest(frame=frame)
        self._number += 1
        made = StreamFrame(frame_number=self._number, encoded=Picture(content=frame))
        made.capture_offset.FromNanoseconds(time.monotonic_ns() - self._started_ns)
        return IdentifyStreamRequest(frame=made)


def stamp(frames: Frames, door_id: str) -> Iterator[IdentifyStreamRequest]:
    """The messages of a blocking stream.

    Raises:
        TypeError: the frames come asynchronously.
    """
    if not isinstance(frames, Iterable):
        raise TypeError("the blocking client takes an iterable of frames; the asyncio client takes asynchronous ones")
    return _stamped(frames, FrameStamper(door_id))


async def stamp_async(frames: Frames, door_id: str) -> AsyncIterator[IdentifyStreamRequest]:
    """The messages of an asyncio stream."""
    stamper = FrameStamper(door_id)
    yield stamper.settings
    if isinstance(frames, AsyncIterable):
        async for frame in frames:
            yield stamper.request(frame)
    else:
        for frame in frames:
            yield stamper.request(frame)


def _stamped(frames: Iterable[bytes | StreamFrame], stamper: FrameStamper) -> Iterator[IdentifyStreamRequest]:
    yield stamper.settings
    for frame in frames:
        yield stamper.request(frame)
