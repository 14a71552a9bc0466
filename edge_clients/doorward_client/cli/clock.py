"""Moments and durations of the contract, for people."""

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def time_text(moment: Timestamp) -> str:
    """The moment in UTC, as the daemon's log has it; empty where there is none."""
    if not moment.seconds:
        return ""
    return moment.ToDatetime().isoformat(sep=" ", timespec="seconds") + " UTC"


def milliseconds(duration: Duration) -> float:
    """The duration in milliseconds."""
    return duration.seconds * 1e3 + duration.nanos / 1e6
