"""What both ends of an uplink keep to: sizes, credit, time limits."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

PROTOCOL = 1
"""Version of the protocol that this code speaks."""
LARGEST_CREDIT = 16
"""Batches that may ever be under way per lane: bounds the memory of the centre."""
EVENT_OVERHEAD_BYTES = 320
"""Room for everything of an event but kind and payload: two UUIDs, two digests, a salt, five numbers, tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkLimits:
    """Sizes and time limits of one end of an uplink."""

    batch_events: Annotated[int, Interval(ge=1, le=200)] = 200
    """Events of one batch."""
    batch_bytes: Annotated[int, Interval(ge=128 * 1024, le=256 * 1024)] = 256 * 1024
    """Bytes of one batch at most; a slow line gets smaller ones (pace.py). The largest event always fits."""
    credit: Annotated[int, Interval(ge=1, le=LARGEST_CREDIT)] = 2
    """Batches under way per lane, told by the centre."""
    heartbeat_interval_s: Annotated[int, Interval(ge=1, le=300)] = 25
    """Seconds between signs of life, told by the centre."""
    missed_heartbeats: Annotated[int, Interval(ge=2, le=10)] = 3
    """Intervals of silence after which the other end counts as gone."""
    greeting_timeout_s: Annotated[float, Interval(ge=1, le=120)] = 10.0
    """Seconds the first message of the other end may take."""
    answer_timeout_s: Annotated[float, Interval(ge=5, le=600)] = 60.0
    """Seconds an acknowledgement may take; then the stream is given up, and Hello finds out what is missing."""
    gallery_chunk_bytes: Annotated[int, Interval(ge=1024, le=1024 * 1024)] = 256 * 1024
    """Bytes of one chunk of the gallery on its way down; a line of 5 kB/s carries one within answer_timeout_s."""
