"""Journals for tests: a clock that stands where the test puts it, small events."""

from dataclasses import dataclass, field
from pathlib import Path

from doorward_daemon.journal import (
    ClockReading,
    EventClock,
    EventDraft,
    Journal,
    JournalSettings,
    open_event_clock,
    open_journal,
)
from doorward_daemon.journal.draft import StampedDraft, stamp
from doorward_daemon.journal.journal import MOST_AT_ONCE
from doorward_daemon.storage import DURABLE, Engine
from doorward_sync.event import Lane

LEAST_FLOOR_US = 1_790_000_000_000_000
"""The build time of these tests, September 2026."""
DAY_US = 86_400_000_000
PATIENT = JournalSettings(spare_disk_bytes=0, append_timeout_ms=30_000)
"""Settings of a journal on a disk of the size of a test and on a machine that has other things to do."""


@dataclass(slots=True)
class SetClock:
    """Clocks that show what they are set to; a call is the reading."""

    wall_time_us: int = LEAST_FLOOR_US + DAY_US
    boottime_ns: int = 1_000_000_000
    synchronised: bool = False

    def __call__(self) -> ClockReading:
        """The clocks now."""
        self.boottime_ns += 1000
        return ClockReading(
            boottime_ns=self.boottime_ns, wall_time_us=self.wall_time_us, synchronised=self.synchronised
        )


@dataclass(slots=True)
class JournalSite:
    """A folder with a journal that can be opened again and again."""

    folder: Path
    settings: JournalSettings = PATIENT
    reading: SetClock = field(default_factory=SetClock)
    boot_id: str = "boot-1"

    def open(self, engine: Engine = DURABLE) -> Journal:
        """Opens it; the caller enters it."""
        clock = EventClock(self.reading, self.boot_id, LEAST_FLOOR_US)
        return open_journal(self.folder, self.settings, clock, engine=engine)


def open_patient_journal(folder: Path) -> Journal:
    """Opens a journal on this machine's clock, as the daemon does; the caller enters it."""
    return open_journal(folder, PATIENT, open_event_clock())


def operations_in(journal: Journal) -> int:
    """Operations of enrolment it holds."""
    return sum(event.kind.startswith("subject.") for event in journal.read(Lane.LEDGER, 0, MOST_AT_ONCE))


def draft(number: int, *, lane: Lane = Lane.LEDGER, op_id: str | None = None, padding: int = 0) -> EventDraft:
    """A small event; `padding` makes it larger, bytes."""
    return EventDraft("test.counted", {"number": number, "padding": "x" * padding}, lane, op_id)


def stamped(event: EventDraft) -> StampedDraft:
    """A draft as the writer gets it."""
    return stamp(event, EventClock(SetClock(), "boot-1", LEAST_FLOOR_US))
