"""What an inference library knows of the devices of this box."""

from dataclasses import dataclass
from typing import Protocol

from doorward_daemon.inference.device_request import DeviceRequest
from doorward_daemon.inference.runtime import Runtime
from doorward_daemon.model.decision import DeviceMemory


@dataclass(frozen=True, slots=True)
class DevicesFound:
    """The accelerators that a request means and a library sees."""

    devices: tuple[str, ...] = ()
    """Their names, best first, e.g. gpu, gpu.1, npu, cuda:0."""
    missing: str = ""
    """Why there is none although one was asked for; empty where none is missing."""


class DeviceLibrary(Protocol):
    """Finds and opens devices; thread-safe."""

    def accelerators(self, request: DeviceRequest) -> DevicesFound:
        """The devices to try before the CPU, best first; what is asked for and not there is said."""

    def open(self, device: str) -> Runtime:
        """Opens a device, `cpu` or one that was found.

        Raises:
            RuntimeError, DoorwardError: it cannot be opened.
        """

    def memory(self, device: str) -> DeviceMemory | None:
        """Memory of a device now; None where it is not told."""
