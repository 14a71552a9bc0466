"""The thread that owns the centre's database: everything that waits goes into one transaction, then is answered."""

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import apsw

from doorward_central.database import DATABASE_FILE, open_connection, typed_errors
from doorward_central.error import CentreError

Answer = TypeVar("Answer")
_MOST_PER_COMMIT = 200


@dataclass(frozen=True, slots=True)
class _Job(Generic[Answer]):
    work: Callable[[apsw.Connection], Answer]
    answer: Future[Answer] = field(default_factory=Future)
    is_outside: bool = False


class StoreThread:
    """Carries out work on the database in order of asking. A job that fails takes no other one with it.

    Args:
        folder: the data folder.
        max_bytes: size from which nothing is added.

    Raises:
        CentreError: the database cannot be opened.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._path = folder / DATABASE_FILE
        self._connection = open_connection(folder, max_bytes)
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._held: list[_Job[Any] | None] = []
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self.failure: CentreError | None = None
        """What broke the disk for the rest of this process: the owner ends it."""
        self._thread.start()

    def submit(self, work: Callable[[apsw.Connection], Answer]) -> Future[Answer]:
        """Asks for work; its answer comes after the commit.

        Args:
            work: runs on the store's thread, inside a transaction.
        """
        return self._put(_Job(work))

    def submit_outside(self, work: Callable[[apsw.Connection], Answer]) -> Future[Answer]:
        """As `submit`, but for what must not stand in a transaction, a checkpoint for example."""
        return self._put(_Job(work, is_outside=True))

    def _put(self, job: _Job[Answer]) -> Future[Answer]:
        if self.failure is not None:
            job.answer.set_exception(self.failure)
        else:
            self._jobs.put(job)
        return job.answer

    def close(self) -> None:
        """Finishes what was asked for and closes the file."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (job := self._take()) is not None:
            group = self._group_of(job)
            self._commit(group)
        if self.failure is not None:
            # Folding the log in would sync again what failed to be synced: a second success proves nothing.
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        # A disk that does not let the log be folded in keeps it beside the file; nothing is lost by that.
        with contextlib.suppress(apsw.Error):
            self._connection.close()

    def _take(self) -> _Job[Any] | None:
        held, self._held = self._held, []
        return held[0] if held else self._jobs.get()

    def _group_of(self, first: _Job[Any]) -> list[_Job[Any]]:
        # Never waits for more: while one group is being written, the next one gathers by itself.
        group = [first]
        while not first.is_outside and len(group) < _MOST_PER_COMMIT and not self._jobs.empty():
            following = self._jobs.get()
            if following is None or following.is_outside:
                self._held = [following]
                break
            group.append(following)
        return group

    def _commit(self, group: list[_Job[Any]]) -> None:
        # What nobody waits for any more was not acknowledged: its stream has ended, and it will be sent again.
        group = [job for job in group if job.answer.set_running_or_notify_cancel()]
        try:
            if self.failure is not None:
                raise self.failure
            with typed_errors(self._path):
                done = self._transact(group)
        except CentreError as error:
            self._note(error)
            for job in group:
                job.answer.set_exception(error)
            return
        for job, (value, problem) in zip(group, done, strict=True):
            if problem is not None:
                job.answer.set_exception(problem)
            else:
                job.answer.set_result(value)

    def _transact(self, group: list[_Job[Any]]) -> list[tuple[Any, Exception | None]]:
        if any(job.is_outside for job in group):
            return [(job.work(self._connection), None) for job in group]
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = [self._carry_out(job) for job in group]
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite rolls back by itself after some errors, a full disk among them.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return done

    def _carry_out(self, job: _Job[Any]) -> tuple[Any, Exception | None]:
        try:
            with typed_errors(self._path):
                self._connection.execute("SAVEPOINT job")
                value = job.work(self._connection)
                self._connection.execute("RELEASE job")
                return value, None
        except Exception as error:
            # Without a transaction SQLite has rolled back the work of all; else only this job's goes.
            if not self._connection.in_transaction:
                raise
            self._connection.execute("ROLLBACK TO job; RELEASE job")
            if isinstance(error, CentreError):
                self._note(error)
            return None, error

    def _note(self, error: CentreError) -> None:
        if error.reason == "STORAGE_FAILED" and self.failure is None:
            self.failure = error
