"""Exit codes of `doorward`, the contract with scripts."""

from enum import IntEnum

from doorward_client.errors import DoorwardError, Fault, NotReady, Overloaded, TimedOut


class ExitCode(IntEnum):
    """What the exit of the command means."""

    DONE = 0
    """Everything asked for was done; UNKNOWN or LOW_QUALITY is an answer, not a failure."""
    NEEDS_PERSON = 2
    """It will fail again until somebody changes something: usage, picture, name, permission, a daemon to start."""
    INTERNAL = 70
    """Storage or internal failure, or a daemon that cannot answer now; the same command may work later."""
    INTERRUPTED = 130
    """Ctrl-C."""


def exit_code_of(error: DoorwardError) -> ExitCode:
    """Names the exit code for an error that ends the command."""
    if isinstance(error, Fault | NotReady | Overloaded | TimedOut):
        return ExitCode.INTERNAL
    return ExitCode.NEEDS_PERSON
