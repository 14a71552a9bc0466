"""Times and enum members on the wire."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

V = TypeVar("V")


def wire_timestamp(moment: datetime) -> Timestamp:
    """An aware moment as a Timestamp.

    Raises:
        ValueError: the moment knows no time zone; it would be off by hours.
    """
    if moment.tzinfo is None:
        raise ValueError(f"expected an aware moment, found {moment!r}")
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def wire_duration(seconds: float) -> Duration:
    """Seconds as a Duration, to the nanosecond."""
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration


def wire_enum(value_of: Callable[[str], V], prefix: str, member: StrEnum) -> V:
    """A member of one of our enums as the contract's value of the same name; tests keep the two equal.

    Args:
        value_of: `Value` of the contract's enum.
        prefix: prefix of its values, with the underscore.
        member: our member.
    """
    return value_of(prefix + member.value)
