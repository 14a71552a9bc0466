"""The journal: every event of this device in its place, durable before anybody hears of it, kept until acknowledged."""

from doorward_daemon.journal.clock import EventClock, open_event_clock
from doorward_daemon.journal.draft import EventDraft
from doorward_daemon.journal.journal import Journal
from doorward_daemon.journal.kernel_time import ClockReading
from doorward_daemon.journal.lane_state import JournalStatus, LaneState, OutboxStatus
from doorward_daemon.journal.opening import open_journal
from doorward_daemon.journal.settings import JournalSettings

__all__ = [
    "ClockReading",
    "EventClock",
    "EventDraft",
    "Journal",
    "JournalSettings",
    "JournalStatus",
    "LaneState",
    "OutboxStatus",
    "open_event_clock",
    "open_journal",
]
