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
    keep_acknowledged_bulk_days: Annotated[float, Interval(ge=0.0, le=3650.0)] = 1.0
    """The same of statistics and telemetry; never longer than `keep_acknowledged_days`."""
    bulk_max_bytes: Annotated[int, Interval(ge=64 * 1024, le=64 * 1024 * _MIB)] = 128 * _MIB
    """Payloads of statistics and telemetry that may wait for the centre; beyond, the oldest go, as a declared hole."""
    quarantine_max_events: Annotated[int, Interval(ge=1, le=100_000)] = 1000
    """Copies kept of events the centre could not take; beyond, the oldest of those it was told of go."""
    set_aside_max_count: Annotated[int, Interval(ge=1, le=1000)] = 5
    """Damaged journals kept in `lost+found` once what is readable of them is in the new one; beyond, the oldest go."""
    set_aside_max_bytes: Annotated[int, Interval(ge=0, le=64 * 1024 * _MIB)] = 1024 * _MIB
    """Size of them all beyond which the oldest go; the newest one always stays."""
    max_waiting: Annotated[int, Interval(ge=1, le=100_000)] = 1000
    """Callers that may wait for a disk that does not answer; more are refused."""
