"""Typed failures: every one has a reason that reaches the client, and an exit code."""

from doorward_daemon.errors.error import (
    AlreadyExists,
    Conflict,
    DoorwardError,
    Fault,
    FieldProblem,
    Forbidden,
    InvalidInput,
    NotFound,
    NotReady,
    Overloaded,
)
from doorward_daemon.errors.exit_code import ExitCode, exit_code_of
from doorward_daemon.errors.reason import ErrorReason

__all__ = [
    "AlreadyExists",
    "Conflict",
    "DoorwardError",
    "ErrorReason",
    "ExitCode",
    "Fault",
    "FieldProblem",
    "Forbidden",
    "InvalidInput",
    "NotFound",
    "NotReady",
    "Overloaded",
    "exit_code_of",
]
