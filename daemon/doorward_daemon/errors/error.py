"""The exceptions of the daemon: one kind per way a caller can react, each with a typed reason.

DoorwardError
├── InvalidInput   the caller sent something wrong and must change it
├── NotFound       what was named is not there
├── AlreadyExists  what was to be made is there
├── Conflict       right in itself, but not in the present state
├── Forbidden      the caller's role does not allow it
├── NotReady       try again later
├── Overloaded     too much at once; try again later
└── Fault          our side failed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorward_daemon.errors.reason import ErrorReason


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field of a request or a configuration."""

    field: str
    """Path of the field, e.g. `page_size` or `rpc.tcp_port`."""
    problem: str
    """What was found and what was expected."""


class DoorwardError(Exception):
    """Root of all expected failures.

    Args:
        reason: why, machine-readable.
        message: what was wrong, where, what was expected, what to do now.
        metadata: values of the message for machines; never secrets, scores or templates.
        problems: the wrong fields, for reasons FIELD_INVALID and CONFIG_INVALID.
        retry_after_s: when trying again makes sense; None where it does not.
    """

    def __init__(
        self,
        reason: ErrorReason,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        problems: Sequence[FieldProblem] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.problems = tuple(problems)
        self.retry_after_s = retry_after_s


class InvalidInput(DoorwardError):
    """The caller sent something wrong and must change it (INVALID_ARGUMENT)."""


class NotFound(DoorwardError):
    """What was named is not there (NOT_FOUND)."""


class AlreadyExists(DoorwardError):
    """What was to be made is there (ALREADY_EXISTS)."""


class Conflict(DoorwardError):
    """Right in itself, but not in the present state (FAILED_PRECONDITION)."""


class Forbidden(DoorwardError):
    """The caller's role does not allow it (PERMISSION_DENIED); UNAUTHENTICATED for TOKEN_INVALID."""


class NotReady(DoorwardError):
    """Try again later (UNAVAILABLE)."""


class Overloaded(DoorwardError):
    """Too much at once, or no room; try again later (RESOURCE_EXHAUSTED)."""


class Fault(DoorwardError):
    """Our side failed (INTERNAL)."""
