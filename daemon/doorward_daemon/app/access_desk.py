"""Doors and time sheets as clients see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from doorward_daemon.door import Doors
from doorward_daemon.entry import EntryDesk, OpenDoorRequest, PunchRequest
from doorward_daemon.errors import ErrorReason, Fault, NotReady
from doorward_daemon.model.decision import Outcome
from doorward_daemon.rpc.door import DoorEntry, DoorOpening, OpenedDoor
from doorward_daemon.rpc.punch import Punch, PunchAsked

if TYPE_CHECKING:
    from doorward_daemon.recognition.pipeline import Recogniser


class AccessDesk:
    """Shows and opens doors. Thread-safe.

    Args:
        doors: the doors of the box.
        desk: records, then opens.
    """

    def __init__(self, doors: Doors, desk: EntryDesk) -> None:
        self._doors = doors
        self._desk = desk

    def doors(self) -> Sequence[DoorEntry]:
        """All doors, in the order of the configuration."""
        return [self._entry(door_id) for door_id in self._doors.ids]

    def open_door(self, opening: DoorOpening) -> OpenedDoor:
        """Records and opens.

        Raises:
            NotFound: DOOR_NOT_FOUND.
            InvalidInput: FIELD_INVALID.
            NotReady: JOURNAL_SLOW.
            Fault: DOOR_FAULT, STORAGE_FAILED.
        """
        record = self._desk.open_door(
            OpenDoorRequest(
                request_id=opening.write.request_id,
                door_id=opening.door_id,
                role=opening.role,
                note=opening.note,
                duration_s=opening.duration_s,
            )
        )
        if record.event is None:
            raise NotReady(ErrorReason.JOURNAL_SLOW, "the record is not on disk yet; ask again", retry_after_s=1.0)
        if not record.door_opened and not record.repeated:
            problem = self._doors.status(opening.door_id).problem
            raise Fault(
                ErrorReason.DOOR_FAULT,
                f"door {opening.door_id} did not open: {problem}; look at its wiring",
                metadata={"door_id": opening.door_id},
            )
        return OpenedDoor(self._entry(opening.door_id), record.event)

    def _entry(self, door_id: str) -> DoorEntry:
        status, policy = self._doors.status(door_id), self._desk.policy_of(door_id)
        return DoorEntry(
            door_id=status.door_id,
            display_name=status.display_name,
            state=status.state,
            problem=status.problem,
            openings=status.openings,
            faults=status.faults,
            liveness=policy.liveness,
            challenge=policy.challenge,
            mask=policy.mask,
        )


class AttendanceDesk:
    """Records punches. Thread-safe.

    Args:
        desk: records.
        recogniser: says whom a picture shows.
    """

    def __init__(self, desk: EntryDesk, recogniser: Recogniser) -> None:
        self._desk = desk
        self._recogniser = recogniser

    def punch(self, punch: PunchAsked) -> Punch:
        """Identifies and, for MATCHED, records.

        Raises:
            InvalidInput: a PICTURE_ reason.
            NotReady: JOURNAL_SLOW.
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        found = self._recogniser.identify(punch.content, 1)
        if found.outcome is not Outcome.MATCHED or found.match is None:
            return Punch(found, None)
        request = PunchRequest(
            request_id=punch.write.request_id,
            subject_id=found.match.subject_id,
            display_name=found.match.display_name,
            mode=punch.direction.value.lower(),
            role=punch.role,
        )
        return Punch(found, self._desk.punch(request, found))
