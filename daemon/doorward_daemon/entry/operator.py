"""What people with a role ask of doors and time sheets."""

from dataclasses import dataclass
from typing import Any

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput

_LONGEST_ID = 64
_LONGEST_NOTE = 200
_SHORTEST_S, _LONGEST_S = 0.1, 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoorRequest:
    """An operator opens a door."""

    request_id: str
    """Makes it idempotent; 1..64 characters."""
    door_id: str
    """The door."""
    role: str
    """The role of the listener the request came by."""
    note: str = ""
    """Why, at most 200 characters."""
    duration_s: float | None = None
    """How long it stays unlocked, 0.1..60; None = as the door is configured."""

    def check(self) -> None:
        """Raises InvalidInput (FIELD_INVALID) on a missing or overlong field."""
        _check({"request_id": self.request_id, "door_id": self.door_id}, self.note)
        if self.duration_s is not None and not _SHORTEST_S <= self.duration_s <= _LONGEST_S:
            text = f"duration: expected {_SHORTEST_S} to {_LONGEST_S} s, found {self.duration_s}"
            raise InvalidInput(ErrorReason.FIELD_INVALID, text, problems=[FieldProblem("duration", text)])

    @property
    def op_id(self) -> str:
        """The operation in the journal."""
        return f"open-door:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchRequest:
    """A punch: a subject comes or goes."""

    request_id: str
    """Makes it idempotent; 1..64 characters."""
    subject_id: str
    """The subject; that it is enrolled is for the caller to check."""
    display_name: str = ""
    """Its name, for a screen."""
    mode: str = "in"
    """What the punch means, e.g. in, out, break_start, break_end."""
    role: str = ""
    """The role of the listener the request came by."""
    door_id: str = ""
    """The door the kiosk stands at; may be empty."""
    note: str = ""
    """At most 200 characters."""

    def check(self) -> None:
        """Raises InvalidInput (FIELD_INVALID) on a missing or overlong field."""
        _check({"request_id": self.request_id, "subject_id": self.subject_id, "mode": self.mode}, self.note)

    @property
    def op_id(self) -> str:
        """The operation in the journal."""
        return f"punch:{self.request_id}"

    def describe(self) -> dict[str, Any]:
        """Payload of attendance.punched."""
        return {
            "request_id": self.request_id,
            "subject_id": self.subject_id,
            "display_name": self.display_name,
            "mode": self.mode,
            "role": self.role,
            "door_id": self.door_id,
            "note": self.note,
        }


def _check(names: dict[str, str], note: str) -> None:
    problems = [
        FieldProblem(name, f"1 to {_LONGEST_ID} characters are expected, found {len(value)}")
        for name, value in names.items()
        if not 0 < len(value) <= _LONGEST_ID
    ]
    if len(note) > _LONGEST_NOTE:
        problems.append(FieldProblem("note", f"at most {_LONGEST_NOTE} characters are expected, found {len(note)}"))
    if problems:
        text = "; ".join(f"{found.field}: {found.problem}" for found in problems)
        raise InvalidInput(ErrorReason.FIELD_INVALID, text, problems=problems)
