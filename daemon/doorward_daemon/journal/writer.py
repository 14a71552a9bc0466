"""The thread that owns the journal's database: group commits, readings between them, room made when it is idle."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import apsw

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault, Overloaded
from doorward_daemon.journal.book import JournalBook, Written
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, stamp
from doorward_daemon.journal.making_room import MakingRoom
from doorward_daemon.journal.recovery import mark_damaged
from doorward_daemon.journal.storage_state import StorageState, storage_state
from doorward_daemon.journal.ticket import AppendTicket, JobTicket
from doorward_daemon.storage import DatabaseDamaged
from doorward_sync.event import Event

_LOG = logging.getLogger(__name__)

MOST_PER_COMMIT = 200
"""Events of several callers in one transaction."""
_IDLE_S = 5.0
"""Without work for so long, the log is folded in and old events go."""
_COPY_PAUSE_S = 0.01
"""Pause between two pieces of a copy, in which whatever comes goes first."""
_SAVE_FLOOR_EVERY_S = 600.0
_LOOK_AT_ROOM_EVERY = 64
"""Commits between two looks at how full the database is."""
_STOP = JobTicket[None](lambda: None)

Subscriber = Callable[[Sequence[Event]], None]
"""Told on the writer's thread what was added; has to be quick."""
CommitObserver = Callable[[float, int], None]
"""Told how long a commit took, seconds, and how many events it added."""


class Writer:
    """Takes requests from any thread and carries them out one after the other on its own.

    Args:
        book: the journal; from `start` on only this thread touches it.
        room: deletes what may go.
        clock: whose floor is kept.
        subscribers: told what was added; changed by their owner.
        observe: told about each commit.
    """

    def __init__(
        self,
        book: JournalBook,
        room: MakingRoom,
        clock: EventClock,
        subscribers: dict[object, Subscriber],
        observe: CommitObserver,
    ) -> None:
        self._book = book
        self._room = room
        self._clock = clock
        self._subscribers = subscribers
        self._observe = observe
        self._requests: queue.SimpleQueue[AppendTicket | JobTicket[Any]] = queue.SimpleQueue()
        self._next: AppendTicket | JobTicket[Any] | None = None
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._begun_mono_s: float | None = None
        self._floor_saved_mono_s = time.monotonic()
        self.storage_state = StorageState.OK
        """Room for the record, as last seen."""
        self._backup = book.database.daily_backup()
        self.failure: Fault | None = None
        """What broke the journal for the rest of this process."""
        self.commits = 0
        self.added = 0
        self.late_commits = 0

    @property
    def waiting(self) -> int:
        """Requests not begun."""
        return self._requests.qsize()

    @property
    def busy_s(self) -> float:
        """For how long it has been at the request in hand, seconds."""
        begun = self._begun_mono_s
        return 0.0 if begun is None else time.monotonic() - begun

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def put(self, ticket: AppendTicket | JobTicket[Any]) -> None:
        """Hands a request over.

        Raises:
            Fault: STORAGE_FAILED, the journal has failed before.
        """
        if (known := self.failure) is not None:
            raise type(known)(known.reason, known.message, metadata=known.metadata)
        self._requests.put(ticket)

    def stop(self, timeout_s: float) -> bool:
        """Carries out what waits, keeps the clock's floor, closes the database.

        Args:
            timeout_s: how long to wait for a disk that does not answer, seconds.

        Returns:
            Whether it is done; the thread is left behind otherwise.
        """
        if self._thread.is_alive():
            self._requests.put(_STOP)
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (ticket := self._take(_COPY_PAUSE_S if self._backup.is_running else _IDLE_S)) is not _STOP:
            self._begun_mono_s = time.monotonic()
            self._guarded(ticket)
            self._begun_mono_s = None
        self._backup.give_up()
        self._guarded(JobTicket(self._keep_floor))
        self._book.database.close()

    def _guarded(self, ticket: AppendTicket | JobTicket[Any] | None) -> None:
        try:
            if ticket is None:
                self._use_the_quiet()
            else:
                self._carry_out(ticket)
        except DoorwardError as error:
            self._note(error)
        except Exception as error:  # noqa: BLE001 - a task boundary: whoever waits has to hear that the journal is dead
            _LOG.exception("the journal failed")
            self._note(Fault(ErrorReason.INTERNAL, f"the journal failed: {error!r}; the log has the trace"))

    def _note(self, error: DoorwardError) -> None:
        broken = self._book.database.failure or (error if isinstance(error, Fault) else None)
        if broken is not None and self.failure is None:
            self.failure = broken
            if isinstance(broken, DatabaseDamaged):
                mark_damaged(self._book.database.path, broken.metadata.get("found", broken.message))
            _LOG.critical("the journal has failed and stays so until a restart: %s", broken.message)

    def _take(self, timeout_s: float) -> AppendTicket | JobTicket[Any] | None:
        if (held := self._next) is not None:
            self._next = None
            return held
        try:
            return self._requests.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _carry_out(self, ticket: AppendTicket | JobTicket[Any]) -> None:
        if self.failure is not None:
            ticket.fail(self.failure)
        elif isinstance(ticket, JobTicket):
            ticket.carry_out()
        else:
            self._commit(self._group_of(ticket))
            if self.commits % _LOOK_AT_ROOM_EVERY == 0:
                if self._room.relieve(eviction=0.9):
                    self.publish(self._room.take_holes())
                self._look_at_room()

    def _group_of(self, first: AppendTicket) -> list[AppendTicket]:
        # Never waits for more: while one group is being written, the next one gathers by itself.
        group, size = [first], len(first.drafts)
        while size < MOST_PER_COMMIT and not self._requests.empty():
            ticket = self._requests.get_nowait()
            if not isinstance(ticket, AppendTicket):
                self._next = ticket
                break
            group.append(ticket)
            size += len(ticket.drafts)
        return group

    def _commit(self, group: list[AppendTicket]) -> None:
        begun = time.monotonic()
        try:
            written = self._write(group)
        except Overloaded as error:
            if len(group) == 1:
                try:
                    self._look_at_room()
                finally:
                    group[0].fail(error)
                return
            # A smaller one may still find room.
            for ticket in group:
                self._commit([ticket])
            return
        except DoorwardError as error:
            for ticket in group:
                ticket.fail(error)
            raise
        self._settle(group, written)
        self._observe(time.monotonic() - begun, len(written.fresh))
        # Nobody waits for it: who asked has been answered.
        self._book.database.fold_long_log()

    def _write(self, group: list[AppendTicket]) -> Written:
        drafts = [ticket.drafts for ticket in group]
        try:
            return self._book.write(drafts)
        except Overloaded:
            if not self._room.relieve():
                raise
            self.publish(self._room.take_holes())
            return self._book.write(drafts)

    def _settle(self, group: list[AppendTicket], written: Written) -> None:
        self.commits += 1
        self.added += len(written.fresh)
        for ticket, events in zip(group, written.groups, strict=True):
            if not ticket.succeed(events):
                self.late_commits += 1
                _LOG.warning("written after its caller had given up waiting: %s", [event.kind for event in events])
        self.publish(written.fresh)

    def publish(self, events: Sequence[Event]) -> None:
        """Tells those who follow; on this thread only."""
        for subscriber in tuple(self._subscribers.values()) if events else ():
            try:
                subscriber(events)
            except Exception:  # noqa: BLE001 - a task boundary: one follower must not stop the record
                _LOG.exception("a follower of the journal failed; the journal goes on")

    def _use_the_quiet(self) -> None:
        if self.failure is not None:
            return
        if self._backup.is_running:
            self._back_up()
            return
        self._book.database.fold_log()
        self._look_at_room()
        if self._backup.is_due() and self._book.database.has_room_for_backup():
            self._back_up()
        if time.monotonic() - self._floor_saved_mono_s >= _SAVE_FLOOR_EVERY_S:
            self._keep_floor()
        if self._room.step():
            self.publish(self._room.take_holes())

    def _look_at_room(self) -> None:
        """Notes how much room there is; a change goes on record, from the reserve where there is no other room."""
        used_share = self._book.used_share()
        state = storage_state(used_share, self._book.database)
        if state is self.storage_state:
            return
        before, self.storage_state = self.storage_state, state
        _LOG.log(logging.INFO if state is StorageState.OK else logging.ERROR, "room for the record: %s", state.value)
        facts = {"state": state.value, "before": before.value, "used_share": round(used_share, 3)}
        try:
            written = self._book.write([[stamp(EventDraft("storage.state_changed", facts), self._clock)]])
        except Overloaded:
            return  # not even the reserve has room: the log line, the status and the doors' policies remain
        self.publish(written.fresh)

    def _back_up(self) -> None:
        try:
            if self._backup.step():
                _LOG.info("a copy of the journal was made")
        except (apsw.Error, OSError) as error:
            _LOG.warning("no copy of the journal could be made: %s", error)

    def _keep_floor(self) -> None:
        if self.failure is None:
            self._clock.now()
            self._book.save_floor(self._clock.floor_us)
            self._floor_saved_mono_s = time.monotonic()
