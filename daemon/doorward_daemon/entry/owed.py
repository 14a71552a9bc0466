"""What happened while the disk did not answer, to be recorded first when it is back."""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from doorward_daemon.entry.recorder import Recorder
from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal.draft import EventDraft

_LOG = logging.getLogger(__name__)
_MOST_OWED = 1000


@dataclass(frozen=True, slots=True)
class DoorResult:
    """What a door did, to be recorded with the number of its cause."""

    kind: str
    """door.opened or door.fault."""
    facts: Mapping[str, Any]
    """Its payload, without cause_seq."""
    op_id: str
    """The operation it completes."""

    def draft(self, cause_seq: int) -> EventDraft:
        """The event.

        Args:
            cause_seq: number of the recorded decision.
        """
        return EventDraft(self.kind, {**self.facts, "cause_seq": cause_seq}, op_id=self.op_id)


@dataclass(frozen=True, slots=True)
class Debt:
    """A decision that may not be on disk, and what was done about it."""

    cause: EventDraft
    """The decision; its op_id makes recording it twice harmless."""
    result: DoorResult | None
    """What the door did; None where none was asked."""


class OwedRecords:
    """Remembers, in order and within bounds, what the disk has not taken. Thread-safe.

    A power cut loses what is owed: that is the price of the policy that opens doors before the record, and with the
    other policy only denials and doors that stayed shut are owed.

    Args:
        recorder: takes the records.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._debts: deque[Debt] = deque()
        self._lock = threading.Lock()
        self._lost = 0

    @property
    def count(self) -> int:
        """Decisions that wait for the disk."""
        return len(self._debts)

    @property
    def lost(self) -> int:
        """Decisions that were given up because too many waited."""
        return self._lost

    def holds(self, op_id: str) -> bool:
        """Whether an operation waits for the disk."""
        with self._lock:
            return any(debt.cause.op_id == op_id for debt in self._debts)

    def owe(self, debt: Debt) -> None:
        """Remembers a decision; beyond the bound the oldest is given up, logged and counted."""
        with self._lock:
            self._debts.append(debt)
            if len(self._debts) > _MOST_OWED:
                given_up = self._debts.popleft()
                self._lost += 1
                _LOG.error("a record is lost: the disk is away for too long", extra={"op_id": given_up.cause.op_id})

    def settle(self, timeout_s: float) -> bool:
        """Records what is owed, oldest first, until the disk stops answering or the time is over.

        Args:
            timeout_s: longest wait for all of it, seconds.

        Returns:
            Whether nothing is owed any more.
        """
        until_s = time.monotonic() + timeout_s
        with self._lock:
            while self._debts:
                left_s = until_s - time.monotonic()
                if left_s <= 0.0:
                    return False
                try:
                    self._pay(self._debts[0], left_s)
                except DoorwardError as error:
                    _LOG.warning("records wait for the disk", extra={"owed": len(self._debts), "problem": str(error)})
                    return False
                self._debts.popleft()
            return True

    def _pay(self, debt: Debt, timeout_s: float) -> None:
        cause = self._recorder.append(debt.cause, timeout_s)
        if debt.result is not None:
            self._recorder.append(debt.result.draft(cause.key.seq), timeout_s)
