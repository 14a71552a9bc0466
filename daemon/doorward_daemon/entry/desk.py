"""The entry desk: every door that opens, whoever asks, goes through here, in one order that never changes."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from doorward_daemon.access import Access, AccessReason, DoorPolicy, decide_access, grant_to_operator
from doorward_daemon.door import Doors
from doorward_daemon.entry.entry import Entry, EntryRecord
from doorward_daemon.entry.operator import OpenDoorRequest, PunchRequest
from doorward_daemon.entry.owed import Debt, DoorResult, OwedRecords
from doorward_daemon.entry.payload import describe_entry
from doorward_daemon.entry.recorder import Recorder
from doorward_daemon.errors import AlreadyExists, DoorwardError, ErrorReason, Fault, InvalidInput, NotFound
from doorward_daemon.journal.draft import EventDraft
from doorward_daemon.model.decision import Identification
from doorward_sync.event import Event
from doorward_sync.payload import decode_payload


class EntryDesk:
    """Decides, records, commands the door, records what it did. Thread-safe.

    A door is commanded only after the decision is on disk; the one exception is a door whose policy says
    `open_and_count`. Nothing is read back at start: a decision whose door was not commanded before a crash never is.

    Args:
        recorder: the journal.
        doors: the doors.
        policies: of each door, by its name.
        clock_ns: monotonic nanoseconds, the clock of capture times.
        is_shut: whether nobody is let in on recognition alone: the lease of the gallery is over.
        remember: told of every recorded decision about a face, after the door was commanded; must be quick.
    """

    def __init__(
        self,
        recorder: Recorder,
        doors: Doors,
        policies: Mapping[str, DoorPolicy],
        clock_ns: Callable[[], int] = time.monotonic_ns,
        is_shut: Callable[[], bool] = lambda: False,
        remember: Callable[[Event, Identification], None] = lambda event, found: None,
    ) -> None:
        self._is_shut = is_shut
        self._remember = remember
        self._recorder = recorder
        self._doors = doors
        self._policies = dict(policies)
        self._clock_ns = clock_ns
        self._owed = OwedRecords(recorder)
        self._requests = threading.Lock()

    @property
    def owed(self) -> OwedRecords:
        """What waits for the disk."""
        return self._owed

    def policy_of(self, door_id: str) -> DoorPolicy:
        """Policy of a door.

        Raises:
            NotFound: DOOR_NOT_FOUND.
        """
        if (policy := self._policies.get(door_id)) is None:
            raise NotFound(ErrorReason.DOOR_NOT_FOUND, f"there is no door {door_id!r}", metadata={"door_id": door_id})
        return policy

    def enter(self, entry: Entry) -> EntryRecord:
        """Takes an identification to a door.

        Args:
            entry: who, where, when.

        Raises:
            NotFound: DOOR_NOT_FOUND.
        """
        policy = self.policy_of(entry.door_id)
        age_ms = max(0, self._clock_ns() - entry.captured_mono_ns) / 1e6
        access = decide_access(entry.identification, policy, age_ms)
        if access.granted and self._is_shut():
            access = Access(False, AccessReason.LEASE_ENDED, access.outcome)
        kind = "access.granted" if access.granted else "access.denied"
        draft = EventDraft(kind, describe_entry(entry, access, age_ms), op_id=f"entry:{uuid.uuid4()}")
        record = self._carry_out(draft, access, entry.door_id)
        if record.event is not None:
            self._remember(record.event, entry.identification)
        return record

    def open_door(self, request: OpenDoorRequest) -> EntryRecord:
        """Opens a door for an operator; a repeated request opens nothing.

        A request whose record is on disk counts as answered, also where the daemon ended before the door was asked.

        Raises:
            InvalidInput: FIELD_INVALID.
            NotFound: DOOR_NOT_FOUND.
            AlreadyExists: REQUEST_ID_REUSED, the same request id asked for something else before.
            NotReady: JOURNAL_SLOW; the request may be repeated.
            Fault: STORAGE_FAILED.
        """
        request.check()
        self.policy_of(request.door_id)
        access = grant_to_operator()
        with self._requests:
            if self._owed.holds(request.op_id):
                return EntryRecord(access, None, door_opened=False, repeated=True)
            if (before := self._recorded(request.op_id, door_id=request.door_id)) is not None:
                return EntryRecord(access, before, door_opened=False, repeated=True)
            draft = EventDraft("access.granted", _describe_opening(request, access), op_id=request.op_id)
            return self._carry_out(draft, access, request.door_id, request.duration_s)

    def punch(self, request: PunchRequest, found: Identification | None = None) -> Event:
        """Records a punch; a repeated request answers with the first one's event.

        Args:
            request: who comes or goes.
            found: the identification it is made for; None where there is none.

        Raises:
            InvalidInput: FIELD_INVALID.
            AlreadyExists: REQUEST_ID_REUSED.
            NotReady: JOURNAL_SLOW; the request may be repeated.
            Overloaded: STORAGE_FULL, OVERLOADED.
            Fault: STORAGE_FAILED.
        """
        request.check()
        with self._requests:
            before = self._recorded(request.op_id, subject_id=request.subject_id, mode=request.mode)
            if before is not None:
                return before
            draft = EventDraft("attendance.punched", request.describe(), op_id=request.op_id)
            event = self._recorder.append(draft)
        if found is not None:
            self._remember(event, found)
        return event

    def settle(self, timeout_s: float = 0.25) -> bool:
        """Records what is owed since the disk did not answer; to be called now and then.

        Returns:
            Whether nothing is owed any more.
        """
        return self._owed.settle(timeout_s)

    def _carry_out(self, draft: EventDraft, access: Access, door_id: str, unlock_s: float | None = None) -> EntryRecord:
        policy = self.policy_of(door_id)
        wait_s = policy.disk_wait_ms / 1000.0
        event, problem = self._record(draft, wait_s)
        if not access.granted:
            if event is None:
                self._owed.owe(Debt(draft, None))
            return EntryRecord(access, event, door_opened=False)
        if event is None and policy.on_slow_disk == "fail_secure":
            self._owed.owe(Debt(draft, _result(draft, "door.fault", door_id, f"stayed shut: {problem}", late=True)))
            return EntryRecord(access, None, door_opened=False)
        unlocked_s = policy.unlock_s if unlock_s is None else unlock_s
        result = self._command(draft, door_id, unlocked_s, late=event is None)
        recorded = self._record_result(draft, event, result, wait_s)
        return EntryRecord(access, event, door_opened=result.kind == "door.opened", result=recorded)

    def _record(self, draft: EventDraft, wait_s: float) -> tuple[Event | None, str]:
        # What is owed comes first, so that it is the first record when the disk is back.
        if not self._owed.settle(wait_s):
            return None, "earlier records wait for the disk"
        try:
            return self._recorder.append(draft, wait_s), ""
        except InvalidInput:
            raise
        except DoorwardError as error:
            return None, error.message

    def _command(self, draft: EventDraft, door_id: str, unlock_s: float, *, late: bool) -> DoorResult:
        try:
            self._doors.open(door_id, unlock_s)
        except Fault as fault:
            return _result(draft, "door.fault", door_id, fault.message, late=late)
        return _result(draft, "door.opened", door_id, "", late=late)

    def _record_result(self, draft: EventDraft, cause: Event | None, result: DoorResult, wait_s: float) -> Event | None:
        if cause is not None:
            recorded, _ = self._record(result.draft(cause.key.seq), wait_s)
            if recorded is not None:
                return recorded
        self._owed.owe(Debt(draft, result))
        return None

    def _recorded(self, op_id: str, **expected: str) -> Event | None:
        before = self._recorder.event_of(op_id)
        if before is None or before.payload is None:
            return before
        facts = decode_payload(before.payload)
        if any(facts.get(name) != value for name, value in expected.items()):
            raise AlreadyExists(
                ErrorReason.REQUEST_ID_REUSED,
                "this request id was used for another request; use a new one for every request",
                metadata={"op_id": op_id},
            )
        return before


def _describe_opening(request: OpenDoorRequest, access: Access) -> dict[str, Any]:
    return {
        "door_id": request.door_id,
        "camera_id": "",
        "outcome": "",
        "reason": AccessReason.OPERATOR.value,
        "audit": access.audit,
        "role": request.role,
        "note": request.note,
        "request_id": request.request_id,
        "duration_s": request.duration_s,
    }


def _result(draft: EventDraft, kind: str, door_id: str, problem: str, *, late: bool) -> DoorResult:
    facts = {"door_id": door_id, "problem": problem, "recorded_late": late}
    return DoorResult(kind, facts, f"{draft.op_id}:door")
