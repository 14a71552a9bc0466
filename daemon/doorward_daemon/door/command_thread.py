"""One door's commands: a thread of its own, so that a lock that hangs costs nobody more than the time it is given."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from doorward_daemon.door.driver import DoorDriver
from doorward_daemon.errors import DoorwardError, ErrorReason, Fault

_LOG = logging.getLogger(__name__)
_Command = tuple[Callable[[], None], "Future[None]"]


class CommandThread:
    """Runs one command at a time. Thread-safe.

    Args:
        door_id: for messages.
        driver: of the door.
        answer_s: longest wait for an answer.
    """

    def __init__(self, door_id: str, driver: DoorDriver, answer_s: float) -> None:
        self._door_id = door_id
        self._driver = driver
        self._answer_s = answer_s
        self._commands: queue.SimpleQueue[_Command | None] = queue.SimpleQueue()
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"door-{door_id}", daemon=True)
        self._thread.start()

    def run(self, command: Callable[[], None]) -> None:
        """Runs a command and waits for its answer.

        Raises:
            Fault: DOOR_FAULT, the lock said no, did not answer in time, or still has not answered the last command.
        """
        if not self._busy.acquire(timeout=self._answer_s):
            raise self._fault("has not answered the last command yet")
        answer: Future[None] = Future()
        self._commands.put((command, answer))
        try:
            answer.result(self._answer_s)
        except FutureTimeoutError:
            # An answer that came in this very moment cannot be taken back any more, and counts.
            if answer.cancel():
                raise self._fault(f"did not answer within {self._answer_s:g} s") from None
            answer.result()

    def close(self, timeout_s: float) -> None:
        """Ends the thread; a driver that hangs in a command dies with the process."""
        self._commands.put(None)
        self._driver.close()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (item := self._commands.get()) is not None:
            command, answer = item
            self._obey(command, answer)
            self._busy.release()

    def _obey(self, command: Callable[[], None], answer: "Future[None]") -> None:
        if answer.cancelled():
            return
        failure: DoorwardError | None = None
        try:
            command()
        except Exception as error:  # noqa: BLE001 - a task boundary: whatever a driver raises is the answer of its door
            failure = error if isinstance(error, DoorwardError) else self._fault(f"failed: {error!r}")
        if not answer.set_running_or_notify_cancel():
            self._undo(failure)
        elif failure is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(None)

    def _undo(self, failure: DoorwardError | None) -> None:
        # Who asked has been told that the door failed: a door that opens minutes later opens for somebody else.
        _LOG.error("late answer of a door", extra={"door_id": self._door_id, "problem": str(failure or "")})
        try:
            self._driver.lock()
        except Exception:  # noqa: BLE001 - a task boundary, as above
            _LOG.exception("a door cannot be locked", extra={"door_id": self._door_id})

    def _fault(self, what: str) -> Fault:
        return Fault(
            ErrorReason.DOOR_FAULT,
            f"door {self._door_id} {what}; check its lock, its wiring and its power",
            metadata={"door_id": self._door_id},
        )
