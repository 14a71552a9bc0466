"""A request before the writer: somebody may wait for it, and may give up."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal.draft import StampedDraft
from doorward_sync.event import Event

Answer = TypeVar("Answer")


class Ticket(Generic[Answer]):
    """One request and its answer, handed from the writer to the one who waits.

    Either the answer or the giving up comes first, never both: `_claim` decides.
    """

    def __init__(self) -> None:
        self._claim = threading.Lock()
        self._ready = threading.Lock()
        self._ready.acquire()
        self._answer: Answer | None = None
        self._error: DoorwardError | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it was answered or given up."""
        return self._claim.locked()

    def succeed(self, answer: Answer) -> bool:
        """Hands the answer over; False where nobody waits any more."""
        self._answer = answer
        return self._settle()

    def fail(self, error: DoorwardError) -> bool:
        """Hands an error over; False where nobody waits any more."""
        # A copy: one instance raised in several threads would collect the traces of all.
        self._error = type(error)(
            error.reason,
            error.message,
            metadata=error.metadata,
            problems=error.problems,
            retry_after_s=error.retry_after_s,
        )
        return self._settle()

    def wait(self, timeout_s: float) -> Answer | None:
        """Waits for the answer.

        Args:
            timeout_s: seconds.

        Returns:
            The answer, None where it did not come in time: from then on nobody waits.

        Raises:
            DoorwardError: the writer's.
        """
        if not self._ready.acquire(timeout=timeout_s):
            if self._claim.acquire(blocking=False):
                return None
            # The answer is being handed over at this very moment.
            self._ready.acquire()
        if self._error is not None:
            raise self._error
        return self._answer

    def _settle(self) -> bool:
        if not self._claim.acquire(blocking=False):
            return False
        self._ready.release()
        return True


class AppendTicket(Ticket[Sequence[Event]]):
    """Events to be added, all or none.

    Args:
        drafts: the events.
    """

    def __init__(self, drafts: Sequence[StampedDraft]) -> None:
        super().__init__()
        self.drafts = drafts


class JobTicket(Ticket[Answer]):
    """Something else for the writer's thread: a reading, an acknowledgement. Not begun once nobody waits.

    Args:
        work: what to do there.
    """

    def __init__(self, work: Callable[[], Answer]) -> None:
        super().__init__()
        self._work = work

    def carry_out(self) -> None:
        """Does it and hands the answer over.

        Raises:
            Fault: the work's own, also handed over: the writer has to know.
        """
        if self.is_settled:
            return
        try:
            answer = self._work()
        except DoorwardError as error:
            self.fail(error)
            raise
        self.succeed(answer)
