"""What the way in needs of the journal."""

from typing import Protocol

from doorward_daemon.journal.draft import EventDraft
from doorward_sync.event import Event


class Recorder(Protocol):
    """Writes events down. Thread-safe."""

    def append(self, draft: EventDraft, timeout_s: float | None = None) -> Event:
        """Records an event; it is on disk when this returns. The same op_id again answers with the event there is.

        Args:
            draft: what happened.
            timeout_s: longest wait for the disk, seconds.

        Raises:
            NotReady: JOURNAL_SLOW, the disk did not answer in time; it may still be written.
            Overloaded: STORAGE_FULL, OVERLOADED; nothing was written.
            Fault: STORAGE_FAILED.
        """

    def event_of(self, op_id: str) -> Event | None:
        """The event that was recorded with an operation; None where there is none.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
