"""The exceptions of a client: one kind per way to react, rebuilt from the daemon's reason, never from its text.

DoorwardError
├── InvalidInput   what was sent or typed is wrong: change it
├── NotFound       what was named is not there: name another, or enrol it first
├── AlreadyExists  what was to be made is there: use it, or choose another identity
├── Conflict       right in itself, but not in the present state: another picture, or another state
├── Forbidden      this socket or token may not do it: use the one that may
├── NotReady       the daemon is there and cannot answer yet: wait `retry_after_s` and repeat
├── Overloaded     too much at once, or no room: wait `retry_after_s` and repeat, or ask less
├── TimedOut       no answer before the deadline: repeat a write with the same request_id, or allow more time
├── Unreachable    no daemon at the target: start it, or name another target
└── Fault          the daemon failed: look up `request_id` in its log
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field of a request."""

    field: str
    """Path of the field, e.g. `page_size`."""
    problem: str
    """What was found and what was expected."""


class DoorwardError(Exception):
    """Root of all expected failures.

    Args:
        reason: why, machine-readable: an ErrorReason of the contract without its prefix, or one of the client's own.
        message: what was wrong, where, what was expected, what to do now; in English.
        metadata: values of the message for machines.
        problems: the wrong fields, for reason FIELD_INVALID.
        retry_after_s: when trying again makes sense, in seconds; None where the daemon did not say.
        request_id: name of the call in the daemon's log; empty where nothing was sent.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        problems: Sequence[FieldProblem] = (),
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.problems = tuple(problems)
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class InvalidInput(DoorwardError):
    """What was sent or typed is wrong: change it."""


class NotFound(DoorwardError):
    """What was named is not there."""


class AlreadyExists(DoorwardError):
    """What was to be made is there."""


class Conflict(DoorwardError):
    """Right in itself, but not in the present state."""


class Forbidden(DoorwardError):
    """This socket or token may not do it."""


class NotReady(DoorwardError):
    """The daemon is there and cannot answer yet: repeat later."""


class Overloaded(DoorwardError):
    """Too much at once, or no room: repeat later, or ask less."""


class TimedOut(DoorwardError):
    """No answer before the deadline; a write may have happened, so repeat it with the same request_id."""


class Unreachable(DoorwardError):
    """No daemon at the target."""


class Fault(DoorwardError):
    """The daemon failed."""
