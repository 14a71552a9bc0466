"""Frames of a client's own camera: from messages to frames, with capture times of this device's clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from doorward_api.v1 import identify_stream_pb2 as pb
from doorward_daemon.model.frame import Frame
from doorward_daemon.model.picture import Picture
from doorward_daemon.rpc.fields import FieldChecks

_CHANNELS = 3
_DRIFT = 5000
"""One part in so many: what two quartz clocks may differ, many times over."""


class CaptureClock:
    """Puts a client's capture times onto this device's monotonic clock.

    The fastest frame so far is taken to have come without delay, so a frame never looks younger than it is by more than
    that delay; the anchor gives way slowly, because two clocks never run alike.
    """

    def __init__(self) -> None:
        self._anchor_ns: int | None = None
        self._arrived_ns = 0

    def captured_ns(self, offset_ns: int, arrived_ns: int) -> int:
        """Monotonic time of a capture.

        Args:
            offset_ns: the capture by the client's clock.
            arrived_ns: monotonic time at which the frame arrived.

        Returns:
            Never later than the arrival.
        """
        undelayed_ns = arrived_ns - offset_ns
        if self._anchor_ns is None:
            self._anchor_ns = undelayed_ns
        else:
            drift_ns = (arrived_ns - self._arrived_ns) // _DRIFT
            self._anchor_ns = min(undelayed_ns, self._anchor_ns + drift_ns)
        self._arrived_ns = arrived_ns
        return self._anchor_ns + offset_ns


def check_frame(frame: pb.StreamFrame) -> None:
    """Refuses a frame that cannot be a picture.

    Raises:
        InvalidInput: FIELD_INVALID.
    """
    checks = FieldChecks()
    kind = frame.WhichOneof("picture")
    if kind is None:
        checks.add("frame.picture", "expected exactly one of encoded and raw, found neither")
    if frame.capture_offset.seconds < 0:
        checks.add("frame.capture_offset", f"expected 0 or more, found {frame.capture_offset.seconds} s")
    raw = frame.raw
    if kind == "raw" and (raw.width_px < 1 or raw.height_px < 1):
        checks.add("frame.raw", f"expected a width and height above 0, found {raw.width_px} x {raw.height_px}")
    elif kind == "raw" and len(raw.bgr) != raw.width_px * raw.height_px * _CHANNELS:
        wanted = raw.width_px * raw.height_px * _CHANNELS
        checks.add("frame.raw.bgr", f"expected width x height x 3 = {wanted} bytes, found {len(raw.bgr)}")
    checks.refuse_if_wrong()


def read_frame(message: pb.StreamFrame, captured_ns: int, decode: Callable[[bytes], Picture]) -> Frame:
    """Makes a frame of a checked message; decodes, on the thread that judges.

    Raises:
        InvalidInput: PICTURE_..., it cannot be decoded.
    """
    raw = message.raw
    if message.WhichOneof("picture") == "raw":
        pixels = np.frombuffer(raw.bgr, np.uint8).reshape(raw.height_px, raw.width_px, _CHANNELS)
    else:
        pixels = decode(message.encoded.content).bgr_hwc
    age = timedelta(microseconds=max(0, time.monotonic_ns() - captured_ns) // 1000)
    return Frame("", message.frame_number, pixels, captured_ns, datetime.now(UTC) - age)
