"""A bounded line in front of a few threads: nothing waits without limit, nothing runs that nobody waits for."""

import asyncio
import contextvars
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from doorward_daemon.errors import ErrorReason, Overloaded

T = TypeVar("T")

RETRY_AFTER_S = 0.5
"""What a refused caller is told to wait: longer than one decision takes, shorter than a person's patience."""

# Weight of the newest job in the running mean of their durations: follows a change within some twenty jobs.
_NEWEST = 0.1


class WorkQueue:
    """Runs blocking jobs on named threads; belongs to one event loop.

    Args:
        name: name of the threads.
        workers: how many there are.
        max_queued: jobs that may wait for one.
        max_wait_s: longest wait, seconds.
    """

    def __init__(self, name: str, workers: int, max_queued: int, max_wait_s: float) -> None:
        self._name = name
        self._max_places = workers + max_queued
        self._max_wait_s = max_wait_s
        self._places = 0
        self._workers = workers
        self._mean_s: float | None = None
        self._free = asyncio.Semaphore(workers)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"doorward-{name}")

    @contextmanager
    def place(self, remaining_s: float | None = None) -> Iterator[None]:
        """Holds a place in the line while the body runs; a call takes one before its message is read.

        Args:
            remaining_s: time the caller has left; a call that would come to its end later is refused now, when asking
                elsewhere may still help, instead of taking a place and a message for an answer nobody awaits.

        Raises:
            Overloaded: OVERLOADED, all places are taken, or the line is longer than the caller's patience.
        """
        if self._places >= self._max_places:
            raise self._overloaded(f"{self._places} calls are in hand, which is all that are taken on")
        if remaining_s is not None and self._places >= self._workers and self.expected_s() > remaining_s:
            left_s = max(0.0, remaining_s)
            raise self._overloaded(
                f"the line needs about {self.expected_s():.2g} s, the deadline leaves {left_s:.2g} s"
            )
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    def expected_s(self) -> float:
        """How long a call that comes now takes, waiting included, by the running mean of the jobs; at first 0."""
        return (self._mean_s or 0.0) * (self._places // self._workers + 1)

    async def run(self, job: Callable[[], T]) -> T:
        """Waits for a free thread and runs a job on it; cancelled while it waits, the job never runs.

        Raises:
            Overloaded: OVERLOADED, no thread became free in time.
        """
        try:
            async with asyncio.timeout(self._max_wait_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise self._overloaded(f"no thread became free within {self._max_wait_s:g} s") from error
        loop = asyncio.get_running_loop()
        try:
            running = self._pool.submit(contextvars.copy_context().run, self._timed, job)
        except BaseException:
            self._free.release()
            raise

        # The thread stays taken until the job is over, even when its caller is gone by then.
        def give_free(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop may be closed when a job outlives the daemon's grace
                loop.call_soon_threadsafe(self._free.release)

        running.add_done_callback(give_free)
        return await asyncio.wrap_future(running)

    def _timed(self, job: Callable[[], T]) -> T:
        started_s = time.perf_counter()
        try:
            return job()
        finally:
            # Written by several threads: a lost update costs a little of a mean.
            took_s = time.perf_counter() - started_s
            self._mean_s = took_s if self._mean_s is None else self._mean_s + _NEWEST * (took_s - self._mean_s)

    def close(self) -> None:
        """Takes no more jobs; the ones on a thread run to their end, which nobody waits for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _overloaded(self, what: str) -> Overloaded:
        return Overloaded(
            ErrorReason.OVERLOADED,
            f"too much {self._name} work at once: {what}; try again in {RETRY_AFTER_S:g} s",
            metadata={"work": self._name},
            retry_after_s=RETRY_AFTER_S,
        )
