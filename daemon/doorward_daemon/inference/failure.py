"""The failure of a network, told with the name of its file."""

from pathlib import Path

from doorward_daemon.errors import ErrorReason, Fault

_LONGEST = 300


def inference_failure(file: Path, what: str | Exception) -> Fault:
    """Describes why a network cannot be opened or run.

    Args:
        file: the network's file.
        what: the failure, or the exception of the library, of which the essence is kept.

    Returns:
        The error to raise: INFERENCE_FAILED.
    """
    text = " ".join(str(what).split())
    if isinstance(what, Exception):
        # Libraries put their source files first and the reason last.
        text = text[-_LONGEST:]
    return Fault(
        ErrorReason.INFERENCE_FAILED,
        f"{file.name}: {text}; `doorwardd models verify` tells whether the file is intact ({file})",
        metadata={"file": file.name},
    )
