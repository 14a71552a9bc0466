"""What the journal can be told."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """How the record is kept."""

    max_bytes: Annotated[int, Interval(ge=_MIB, le=64 * 1024 * _MIB)] = 512 * _MIB
    """Size of the database from which nothing more is recorded; about 700,000 decisions."""
    spare_disk_bytes: Annotated[int, Interval(ge=0, le=64 * 1024 * _MIB)] = 64 * _MIB
    """Free disk space below which no telemetry is recorded; the ledger goes on until an eighth of it is left."""
    append_timeout_ms: Annotated[int, Interval(ge=1, le=60_000)] = 250
    """How long a caller waits for the disk; the record is written even where nobody waits any more."""
    keep_acknowledged_days: Annotated[float, Interval(ge=0.0, le=3650.0)] = 7.0
    """How long events stay after the centre has them, so that a restored centre can ask again."""
    max_waiting: Annotated[int, Interval(ge=1, le=100_000)] = 1000
    """Callers that may wait for a disk that does not answer; more are refused."""
