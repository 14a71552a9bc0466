"""What the centre refuses or fails at: a reason of the wire contract, words for a person, an exit code."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit of a process means, as for the daemon; supervisors do not retry NEEDS_PERSON."""

    DONE = 0
    """Everything asked for was done."""
    NEEDS_PERSON = 2
    """A person has to change something."""
    INTERNAL = 70
    """Storage or internal failure."""
    FOLDER_HELD = 75
    """Another centre holds the data folder."""


class CentreError(Exception):
    """An expected failure.

    Args:
        reason: an ErrorReason of the wire contract, without its prefix.
        message: what was wrong, where, what was expected, what to do now.
        metadata: values of the message for machines.
    """

    def __init__(self, reason: str, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = metadata

    @property
    def exit_code(self) -> ExitCode:
        """How a process ends that ends by it."""
        if self.reason == "DATA_FOLDER_HELD":
            return ExitCode.FOLDER_HELD
        internal = self.reason in ("STORAGE_FAILED", "STORAGE_FULL", "INTERNAL")
        return ExitCode.INTERNAL if internal else ExitCode.NEEDS_PERSON


def field_invalid(field: str, problem: str) -> CentreError:
    """A field of a request that makes no sense.

    Args:
        field: its path.
        problem: what was found and what was expected.
    """
    return CentreError("FIELD_INVALID", f"{field}: {problem}", field=field)
