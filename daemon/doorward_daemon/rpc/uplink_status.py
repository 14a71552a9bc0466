"""What GetUplinkStatus tells, before it becomes a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class UplinkState(StrEnum):
    """State of the connection to the centre; equal to the wire contract's UplinkState."""

    DISABLED = "DISABLED"
    CONNECTING = "CONNECTING"
    CONNECTED = "CONNECTED"
    BACKING_OFF = "BACKING_OFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkStatus:
    """How the connection to the centre is, and what waits for it."""

    state: UplinkState
    """State of the connection."""
    centre_address: str = ""
    """Address of the centre; empty where none is configured."""
    unsent_events: int = 0
    """Events that the centre has not acknowledged."""
    oldest_unsent_age_s: float | None = None
    """Age of the oldest of them, seconds; None where there is none, or no clock can tell."""
    last_acknowledged_seq: int = 0
    """Highest event of the ledger that the centre has acknowledged; 0 for none."""
    last_problem: str = ""
    """Why the last connection ended or the last attempt failed; empty where none did."""
    connected_since: datetime | None = None
    """When the present connection was greeted, aware, UTC; None where there is none."""
    attempts: int = 0
    """Connections begun since the daemon started."""
    next_attempt_delay_s: float | None = None
    """Pause before the next attempt, seconds; None unless BACKING_OFF."""
    alarms: Mapping[str, int] = field(default_factory=dict)
    """What an operator should hear of, by kind, since the daemon started."""
    quarantined_events: int = 0
    """Events in quarantine."""


NO_UPLINK = UplinkStatus(state=UplinkState.DISABLED)
"""The answer of a device without a centre."""
