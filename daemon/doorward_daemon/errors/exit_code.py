"""Exit codes of the commands, the contract with supervisors."""

from enum import IntEnum

from doorward_daemon.errors.error import DoorwardError, Fault
from doorward_daemon.errors.reason import ErrorReason


class ExitCode(IntEnum):
    """What the exit of a process means; supervisors do not retry NEEDS_PERSON."""

    DONE = 0
    """Everything asked for was done."""
    NEEDS_PERSON = 2
    """A person has to change something: usage, configuration, missing pack, permissions."""
    INTERNAL = 70
    """Storage or internal failure."""
    FOLDER_HELD = 75
    """Another daemon holds the data folder."""


def exit_code_of(error: DoorwardError) -> ExitCode:
    """Names the exit code for an error that ends a process."""
    if error.reason is ErrorReason.DATA_FOLDER_HELD:
        return ExitCode.FOLDER_HELD
    if isinstance(error, Fault) or error.reason is ErrorReason.STORAGE_FULL:
        return ExitCode.INTERNAL
    return ExitCode.NEEDS_PERSON
