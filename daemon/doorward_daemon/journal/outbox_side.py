"""What the uplink does to the journal: watermarks, new epochs, quarantine."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from doorward_daemon.journal.anchor_table import read_anchors, write_anchor
from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.new_epoch import open_new_epoch
from doorward_daemon.journal.quarantine import put_aside
from doorward_daemon.journal.reading import newest_waiting
from doorward_daemon.journal.rewinding import rewind
from doorward_daemon.journal.writer import Writer
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.event import Event, Lane

Answer = TypeVar("Answer")


class OutboxSide(ABC):
    """The part of the journal that follows what the centre says; not for use without the rest. Thread-safe.

    Args:
        book: open.
        clock: stamps what is written down.
        writer: whose thread owns the book.
    """

    def __init__(self, book: JournalBook, clock: EventClock, writer: Writer) -> None:
        self._book = book
        self._clock = clock
        self._writer = writer

    def acknowledge(self, lane: Lane, through: int) -> None:
        """Notes that the centre has everything up to an event. Lower than before, or equal, changes nothing.

        Raises:
            InvalidInput: CURSOR_INVALID, there is no such event.
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        self._on_writer(lambda: self._book.acknowledge(lane, through))

    def rewind_to(self, lane: Lane, seq: int) -> None:
        """Notes that the centre has no more than up to an event (it was restored): the rest waits again.

        Events that are no longer here are declared as a hole, reason `purged_after_ack`.

        Raises:
            InvalidInput: CURSOR_INVALID, the event lies beyond what was acknowledged.
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        self._tell(self._on_writer(lambda: rewind(self._book, self._clock, lane, seq)))

    def quarantined(self, lane: Lane) -> frozenset[int]:
        """Events of a lane that are in quarantine; answered from memory."""
        return self._book.quarantined[lane]

    def quarantine(self, lane: Lane, seq: int, reason: str) -> None:
        """Puts a copy of an event aside and says so in the ledger; it is declared to the centre and not sent.

        Raises:
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        self._tell(self._on_writer(lambda: put_aside(self._book, self._clock, (lane, seq), reason)))

    def waiting(self, kinds: Collection[str], limit: int) -> list[Event]:
        """The last unacknowledged events of some kinds, oldest first, without those in quarantine.

        Args:
            kinds: which kinds.
            limit: at most so many of each lane.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        return newest_waiting(self._on_writer, self._book, kinds, limit)

    def clock_anchors(self) -> tuple[ClockAnchor, ...]:
        """What is known of the clock in the last boots, newest first.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        return self._on_writer(lambda: read_anchors(self._book.database))

    def note_anchor(self, anchor: ClockAnchor) -> None:
        """Keeps what is now known of the clock of this boot.

        Raises:
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        self._on_writer(lambda: write_anchor(self._book.database, anchor))

    def open_epoch(self) -> None:
        """Begins a new epoch, where the centre holds other events under our keys; what waits is numbered from 1 again.

        Raises:
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        self._tell(self._on_writer(lambda: open_new_epoch(self._book, self._clock)))

    def _tell(self, events: Sequence[Event]) -> None:
        if events:
            self._on_writer(lambda: self._writer.publish(events))

    @abstractmethod
    def _on_writer(self, work: Callable[[], Answer]) -> Answer:
        """Does work on the thread that owns the book, and waits for its answer."""
