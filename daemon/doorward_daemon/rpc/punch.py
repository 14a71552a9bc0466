"""What AttendanceService is asked for and answers, before it becomes messages."""

from dataclasses import dataclass
from enum import StrEnum

from doorward_daemon.model.decision import Identification
from doorward_daemon.model.write_request import WriteRequest
from doorward_sync.event import Event


class PunchDirection(StrEnum):
    """Direction of a punch; equal to the wire contract's PunchDirection."""

    UNSPECIFIED = "UNSPECIFIED"
    """Left to who evaluates the punches."""
    IN = "IN"
    OUT = "OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchAsked:
    """Somebody stands before a kiosk."""

    write: WriteRequest
    """Makes it idempotent."""
    content: bytes
    """The picture, encoded."""
    direction: PunchDirection
    """Whether the person comes or goes."""
    role: str
    """Role of the listener it came by."""


@dataclass(frozen=True, slots=True)
class Punch:
    """What came of it."""

    identification: Identification
    """Whom the picture shows."""
    event: Event | None
    """The recorded event; None unless the outcome is MATCHED."""
