"""The device an operator asks for, before a library is asked whether it is there."""

import re
from dataclasses import dataclass

from doorward_daemon.errors import Conflict, ErrorReason, FieldProblem
from doorward_daemon.inference.settings import InferenceSettings

CPU = "cpu"
_FORM = re.compile(r"(auto|cpu|gpu|npu|cuda)(?::(\d{1,2}))?")
_NUMBERED = ("gpu", "cuda")


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A kind of device and which one of them."""

    kind: str
    """auto, cpu, gpu, npu or cuda."""
    number: int | None = None
    """Which of several, from 0; None = the first."""

    @property
    def is_auto(self) -> bool:
        """Whether the box chooses."""
        return self.kind == "auto"


def read_device(settings: InferenceSettings) -> DeviceRequest:
    """Reads the requested device.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows, or a strict wish for no device in particular.
    """
    found = _FORM.fullmatch(settings.device.lower())
    if found is None or (found[2] is not None and found[1] not in _NUMBERED):
        raise _invalid(
            "inference.device", f"expected auto, cpu, gpu, npu, cuda or e.g. cuda:0, found {settings.device!r}"
        )
    if settings.strict and found[1] == "auto":
        raise _invalid("inference.strict", "expected a named device beside it: auto leaves the choice to the box")
    return DeviceRequest(found[1], None if found[2] is None else int(found[2]))


def _invalid(field: str, problem: str) -> Conflict:
    return Conflict(ErrorReason.CONFIG_INVALID, f"{field}: {problem}", problems=[FieldProblem(field, problem)])
