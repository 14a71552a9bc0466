"""How the uplink is doing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doorward_sync.line_choice import LineKind


class UplinkState(StrEnum):
    """Where the uplink stands."""

    DISABLED = "DISABLED"
    """No centre is configured."""
    CONNECTING = "CONNECTING"
    """A stream was begun; the centre has not greeted."""
    CONNECTED = "CONNECTED"
    """The centre has greeted."""
    BACKING_OFF = "BACKING_OFF"
    """Between two attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkReport:
    """The uplink at one moment."""

    state: UplinkState
    """Where it stands."""
    centre_address: str
    """Where the centre is; empty where none is."""
    connected_since: datetime | None
    """When the centre greeted, aware UTC; None while it has not."""
    last_problem: str
    """Why the last stream ended or an attempt failed; empty while nothing did."""
    attempts: int
    """Streams begun since start."""
    alarms: dict[str, int]
    """What an operator should hear of, by kind, since start."""
    nonsense: int
    """Messages of a centre that made no sense, since start."""
    line: LineKind
    """Which way to the centre the newest attempt took."""
    hints: int
    """Alarms sent ahead of the queue, since start."""
    next_attempt_in_s: float
    """Seconds drawn for the pause before the next attempt; 0 where none is waited for."""


@dataclass(slots=True)
class UplinkNotes:
    """What the uplink writes down while it runs; one event loop writes, anybody reads."""

    state: UplinkState = UplinkState.DISABLED
    connected_since: datetime | None = None
    last_problem: str = ""
    attempts: int = 0
    nonsense: int = 0
    line: LineKind = LineKind.STREAM
    hints: int = 0
    next_attempt_in_s: float = 0.0
    alarms: Counter[str] = field(default_factory=Counter)

    def report(self, centre_address: str) -> UplinkReport:
        """A copy that no longer changes."""
        return UplinkReport(
            state=self.state,
            centre_address=centre_address,
            connected_since=self.connected_since,
            last_problem=self.last_problem,
            attempts=self.attempts,
            alarms=dict(self.alarms),
            nonsense=self.nonsense,
            line=self.line,
            hints=self.hints,
            next_attempt_in_s=self.next_attempt_in_s,
        )
