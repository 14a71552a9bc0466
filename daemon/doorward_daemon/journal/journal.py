"""The journal: what stands in it has happened, survives a power cut, and is not forgotten before the centre has it."""

import logging
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TypeVar

from doorward_daemon.errors import ErrorReason, Fault, InvalidInput, NotReady, Overloaded
from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, stamp
from doorward_daemon.journal.lane_state import JournalStatus, LaneState, OutboxStatus
from doorward_daemon.journal.making_room import MakingRoom, Retention
from doorward_daemon.journal.outbox_side import OutboxSide
from doorward_daemon.journal.reading import first_broken_event, newest_events, read_lane
from doorward_daemon.journal.settings import JournalSettings
from doorward_daemon.journal.storage_state import StorageState
from doorward_daemon.journal.ticket import AppendTicket, JobTicket
from doorward_daemon.journal.writer import CommitObserver, Subscriber, Writer
from doorward_sync.event import Event, EventKey, Lane

_LOG = logging.getLogger(__name__)
_STUCK_S = 2.0
"""A disk that has not answered for so long takes nothing."""
MOST_AT_ONCE = 1000
"""Events in one call, written or read."""
_READ_TIMEOUT_S = 5.0
_STOP_TIMEOUT_S = 5.0
_US_PER_DAY = 86_400_000_000
_KIND_OF_OPERATION = {"ENROL_REFERENCE": "subject.enrolled", "ERASE_SUBJECT": "subject.erased"}

Answer = TypeVar("Answer")


class Journal(OutboxSide):
    """The record of this device. Thread-safe. Made by `open_journal`; a context manager that closes it.

    Args:
        book: open.
        settings: its limits.
        clock: stamps the events.
        observe: told about each commit.
    """

    def __init__(
        self, book: JournalBook, settings: JournalSettings, clock: EventClock, observe: CommitObserver
    ) -> None:
        self._settings = settings
        self._subscribers: dict[object, Subscriber] = {}
        self._subscribers_lock = threading.Lock()
        self._room = MakingRoom(book, clock, _retention(settings))
        super().__init__(book, clock, Writer(book, self._room, clock, self._subscribers, observe))
        self._closed = False

    def __enter__(self) -> "Journal":
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def failure(self) -> Fault | None:
        """What broke the journal; None while it works. Then the owner ends the process."""
        return self._writer.failure

    @property
    def epoch(self) -> int:
        """Of this database."""
        return self._book.epoch

    @property
    def storage_problem(self) -> str:
        """What is wrong with the room for the record, one sentence; empty where there is enough."""
        state = self._writer.storage_state
        if state is StorageState.OK:
            return ""
        what = "takes no more decisions" if state is StorageState.CRITICAL else "is filling up"
        return f"STORAGE_{state.value}: the journal {what}; free disk space, or let the centre take events over"

    @property
    def is_taking(self) -> bool:
        """Whether decisions go on record: the disk works and answers, and there is room."""
        is_stuck = self._writer.busy_s > _STUCK_S
        return self.failure is None and self._writer.storage_state is not StorageState.CRITICAL and not is_stuck

    def append(self, draft: EventDraft, timeout_s: float | None = None) -> Event:
        """Records an event; it is on disk when this returns.

        Args:
            draft: what happened.
            timeout_s: how long to wait for the disk, seconds; None = as configured.

        Returns:
            The event in its place; where its operation was recorded before, the one it was recorded with.

        Raises:
            InvalidInput: FIELD_INVALID, it cannot be recorded.
            NotReady: JOURNAL_SLOW, the disk did not answer in time; the event may still be written later.
            Overloaded: STORAGE_FULL, there is no room; OVERLOADED, too many wait for the disk. Nothing was written.
            Fault: STORAGE_FAILED, the disk or the database is broken; whether it was written shows after a restart.
        """
        return self.append_many([draft], timeout_s)[0]

    def append_many(self, drafts: Sequence[EventDraft], timeout_s: float | None = None) -> list[Event]:
        """Records events in one transaction, all or none; as `append`.

        Args:
            drafts: at most MOST_AT_ONCE.
            timeout_s: as `append`.
        """
        if not drafts:
            return []
        if len(drafts) > MOST_AT_ONCE:
            found = f"{len(drafts)} events at once; at most {MOST_AT_ONCE} are taken"
            raise InvalidInput(ErrorReason.FIELD_INVALID, found, metadata={"limit": str(MOST_AT_ONCE)})
        if self._writer.waiting >= self._settings.max_waiting:
            found = (
                f"{self._writer.waiting} callers wait for the disk already; try again, check the disk if it stays so"
            )
            raise Overloaded(ErrorReason.OVERLOADED, found, retry_after_s=1.0)
        ticket = AppendTicket([stamp(draft, self._clock) for draft in drafts])
        self._put(ticket)
        waited_s = self._settings.append_timeout_ms / 1000 if timeout_s is None else timeout_s
        if (events := ticket.wait(waited_s)) is None:
            raise _slow(waited_s)
        return list(events)

    def read(self, lane: Lane, after_seq: int, limit: int, kind: str = "") -> list[Event]:
        """Events of a lane, ascending.

        Args:
            lane: which.
            after_seq: the last one known; 0 for all.
            limit: at most so many, and never more than MOST_AT_ONCE.
            kind: only these; empty = all.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        return read_lane(self._on_writer, self._book, (lane, after_seq), min(limit, MOST_AT_ONCE), kind)

    def newest(self, limit: int, kind: str = "") -> list[Event]:
        """The last events of all lanes, newest first; as `read`."""
        return newest_events(self._on_writer, self._book, min(limit, MOST_AT_ONCE), kind)

    def event_of(self, op_id: str) -> Event | None:
        """The event that completed an operation; None where it has not been recorded. Raises as `read`."""
        return self._on_writer(lambda: self._book.events.of_operation(op_id))

    def holds(self, op_id: str) -> bool:
        """Whether an operation was recorded. Raises as `read`."""
        return self.event_of(op_id) is not None

    def record(self, op_id: str, kind: str, subject_id: str) -> None:
        """Records an operation on a subject, as enrolment asks for it; as `append`.

        Args:
            op_id: identity of the operation.
            kind: what is done, e.g. `ERASE_SUBJECT`, which becomes the event `subject.erased`.
            subject_id: to whom.
        """
        payload = {"op_id": op_id, "operation": kind, "subject_id": subject_id}
        self.append(EventDraft(_KIND_OF_OPERATION.get(kind, "subject.updated"), payload, op_id=op_id))

    def verify(self) -> EventKey | None:
        """Checks the whole ledger of this epoch, payloads and chain.

        Returns:
            The first event that does not fit, None where all do.

        Raises:
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        return first_broken_event(self._on_writer, self._book)

    def lane_state(self, lane: Lane) -> LaneState:
        """How far a lane has got; answered from memory."""
        return self._book.lanes[lane]

    def outbox(self) -> OutboxStatus:
        """What the centre does not have yet; answered from memory."""
        states = [self._book.lanes[lane] for lane in Lane]
        times = [state.oldest_unacknowledged for state in states if state.oldest_unacknowledged is not None]
        ages = [age for age in map(self._clock.age_s, times) if age is not None]
        return OutboxStatus(
            unacknowledged=sum(state.unacknowledged for state in states),
            oldest_age_s=max(ages, default=None),
            bytes=sum(state.unacknowledged_bytes for state in states),
        )

    def status(self) -> JournalStatus:
        """How the journal is doing; answered from memory."""
        return JournalStatus(
            waiting=self._writer.waiting,
            busy_s=self._writer.busy_s,
            commits=self._writer.commits,
            events=self._writer.added,
            late_commits=self._writer.late_commits,
            evicted=self._room.evicted,
        )

    def enforce_retention(self) -> int:
        """Deletes what may go: acknowledged events past their window and, where room is short, before.

        The writer does so by itself when it is idle.

        Returns:
            Events deleted.

        Raises:
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        total = 0
        # One request per step: decisions go between.
        while deleted := self._on_writer(self._room.step):
            total += deleted
        self._tell(self._on_writer(self._room.take_holes))
        return total

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Tells somebody about every event from now on, in order, after it is on disk.

        Args:
            callback: called on the writer's thread; has to be quick and must not call the journal.

        Returns:
            Ends it.
        """
        key = object()
        with self._subscribers_lock:
            self._subscribers[key] = callback
        return lambda: self._unsubscribe(key)

    def close(self) -> None:
        """Writes what waits and closes the file. Closing again changes nothing."""
        if not self._closed:
            self._closed = True
            if not self._writer.stop(_STOP_TIMEOUT_S):
                _LOG.error("the disk does not answer; the journal is left open")

    def _unsubscribe(self, key: object) -> None:
        with self._subscribers_lock:
            self._subscribers.pop(key, None)

    def _put(self, ticket: AppendTicket | JobTicket[Answer]) -> None:
        if self._closed:
            raise NotReady(ErrorReason.NOT_READY, "the journal is closed: the daemon is stopping")
        self._writer.put(ticket)

    def _on_writer(self, work: Callable[[], Answer]) -> Answer:
        # A tuple, so that an answer of None is not taken for none.
        ticket = JobTicket(lambda: (work(),))
        self._put(ticket)
        if (answer := ticket.wait(_READ_TIMEOUT_S)) is None:
            raise _slow(_READ_TIMEOUT_S)
        return answer[0]


def _retention(settings: JournalSettings) -> Retention:
    bulk_days = min(settings.keep_acknowledged_bulk_days, settings.keep_acknowledged_days)
    return Retention(
        keep_us={
            Lane.LEDGER: int(settings.keep_acknowledged_days * _US_PER_DAY),
            Lane.BULK: int(bulk_days * _US_PER_DAY),
        },
        bulk_max_bytes=settings.bulk_max_bytes,
        most_aside=settings.quarantine_max_events,
    )


def _slow(waited_s: float) -> NotReady:
    waited_ms = round(waited_s * 1000)
    return NotReady(
        ErrorReason.JOURNAL_SLOW,
        f"the journal's disk did not answer within {waited_ms} ms; what was to be written may be written later; "
        "check the disk",
        metadata={"waited_ms": str(waited_ms)},
        retry_after_s=1.0,
    )
