"""Calls into a driver that may never come back."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class DeadlineCalls:
    """Runs calls on threads of its own and stops waiting at a deadline; a thread that hangs is left behind.

    Thread-safe. Nothing can end a thread inside a driver. They are daemon threads, so that none keeps the process from
    ending.

    Args:
        name: of the device, for the names of the threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._idle: deque[_Caller] = deque()
        self._stuck: tuple[Future[Any], ...] = ()

    @property
    def is_stuck(self) -> bool:
        """Whether a call has not come back to this moment."""
        self._stuck = tuple(call for call in self._stuck if not call.done())
        return bool(self._stuck)

    def run(self, work: Callable[[], Answer], timeout_s: float) -> Answer:
        """Runs one call.

        Args:
            work: the call.
            timeout_s: longest wait, seconds.

        Raises:
            TimeoutError: it has not come back; whatever it still does is nobody's answer.
            Exception: what the call raised.
        """
        try:
            caller = self._idle.pop()
        except IndexError:
            caller = _Caller(self._name)
        call = caller.begin(work)
        try:
            answer: Answer = call.result(timeout_s)
        except TimeoutError:
            if call.done():
                # The call itself ran into a time limit of its own.
                self._idle.append(caller)
                raise
            self._stuck = (*self._stuck, call)
            caller.stop()
            raise TimeoutError(f"no answer within {timeout_s * 1000:.0f} ms") from None
        except Exception:
            self._idle.append(caller)
            raise
        self._idle.append(caller)
        return answer

    def close(self) -> None:
        """Ends the threads that wait for work."""
        while self._idle:
            self._idle.pop().stop()


class _Caller:
    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        threading.Thread(target=self._run, name=f"device-{name}", daemon=True).start()

    def begin(self, work: Callable[[], Any]) -> Future[Any]:
        call: Future[Any] = Future()
        self._asked.put((work, call))
        return call

    def stop(self) -> None:
        self._asked.put(None)

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            work, call = asked
            try:
                call.set_result(work())
            except Exception as error:  # noqa: BLE001 - a task boundary: whatever a driver raises is its caller's answer
                call.set_exception(error)
