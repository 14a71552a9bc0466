"""What enrolment needs of the ledger."""

from typing import Protocol


class Ledger(Protocol):
    """Decides whether a staged write has happened: it has once `record` returned, or `holds` says so."""

    def record(self, op_id: str, kind: str, subject_id: str) -> None:
        """Writes an operation down durably; again with the same op_id changes nothing.

        Raises:
            Overloaded: STORAGE_FULL; nothing was written.
            NotReady: JOURNAL_SLOW; it may still be written, before `holds` answers the next time.
            Fault: STORAGE_FAILED; whether it was written is known only after a restart.
        """

    def holds(self, op_id: str) -> bool:
        """Whether an operation was written down.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
