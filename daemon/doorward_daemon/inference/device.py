"""The device an operator asks for, before a library is asked whether it is there."""

from doorward_daemon.errors import Conflict, ErrorReason, FieldProblem

_KNOWN = ("auto", "cpu", "gpu")


def wants_gpu(device: str) -> bool:
    """Reads a requested device: `auto` is the CPU, so that answers never depend on what is plugged in.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows.
    """
    if device.lower() in _KNOWN:
        return device.lower() == "gpu"
    problem = f"expected one of {', '.join(_KNOWN)}, found {device!r}"
    raise Conflict(
        ErrorReason.CONFIG_INVALID,
        f"inference.device: {problem}",
        problems=[FieldProblem("inference.device", problem)],
    )
