"""A processor that pretends to be an accelerator and breaks on command; behind it a real library runs real networks."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.inference import CompiledModel, InferenceSettings, Runtime
from doorward_daemon.inference.device_library import DeviceLibrary, DevicesFound
from doorward_daemon.inference.device_request import CPU, DeviceRequest
from doorward_daemon.inference.onnx_runtime import OnnxRuntimeLibrary
from doorward_daemon.inference.openvino_runtime import OpenVinoLibrary
from doorward_daemon.model.decision import DeviceMemory, DeviceTruth


class DeviceFault(Enum):
    """Ways in which a device breaks."""

    NONE = "works"
    MISSING = "is not there"
    REFUSES = "cannot be opened"
    HANGS_OPENING = "hangs while it is opened"
    HANGS = "hangs in an inference"
    FAILS = "fails in an inference"
    LIES = "answers wrong numbers"
    LIES_A_LITTLE = "answers almost right"
    IS_SLOW = "is slower than the CPU"
    IS_COARSE = "computes in another precision"


@dataclass(slots=True)
class Accelerator:
    """The switch of a device: change `fault` at any time; `release()` lets threads go that hang in it."""

    fault: DeviceFault = DeviceFault.NONE
    released: threading.Event = field(default_factory=threading.Event)
    inferences: int = 0
    opened: int = 0

    def release(self) -> None:
        """Lets everybody go who hangs, and works from now on."""
        self.fault = DeviceFault.NONE
        self.released.set()

    def opening(self) -> None:
        """Happens before the device is opened."""
        self.opened += 1
        if self.fault is DeviceFault.REFUSES:
            raise RuntimeError("the driver says no")
        if self.fault is DeviceFault.HANGS_OPENING:
            self.released.wait(30)

    def answer(self, work: Callable[[], dict[str, NDArray[np.float32]]]) -> dict[str, NDArray[np.float32]]:
        """Lets an inference through, or not."""
        self.inferences += 1
        if self.fault is DeviceFault.HANGS:
            self.released.wait(30)
        if self.fault is DeviceFault.FAILS:
            raise Fault(ErrorReason.INFERENCE_FAILED, "the device was lost")
        if self.fault is DeviceFault.IS_SLOW:
            work(), work(), work(), work()
        found = work()
        if self.fault is DeviceFault.LIES:
            return {name: -output for name, output in found.items()}
        if self.fault is DeviceFault.LIES_A_LITTLE:
            return {name: output * np.float32(1.02) for name, output in found.items()}
        return found


class FaultyLibrary:
    """A real library with one more device, called gpu.

    Args:
        library: does the work.
        device: its switch.
    """

    def __init__(self, library: DeviceLibrary, device: Accelerator) -> None:
        self._library = library
        self._device = device

    def accelerators(self, request: DeviceRequest) -> DevicesFound:
        """The device, for whoever asks for gpu or auto."""
        if request.kind not in ("auto", "gpu"):
            return self._library.accelerators(request)
        if self._device.fault is DeviceFault.MISSING:
            return DevicesFound(missing="" if request.is_auto else "no GPU here")
        return DevicesFound(("gpu",))

    def open(self, device: str) -> Runtime:
        """The CPU as it is, or the device."""
        if device == CPU:
            return self._library.open(CPU)
        self._device.opening()
        return _FaultyRuntime(self._library.open(CPU), self._device)

    def memory(self, device: str) -> DeviceMemory | None:
        """A small card."""
        return DeviceMemory(100, 1000) if device == "gpu" else None


@dataclass(frozen=True, slots=True, eq=False)
class _FaultyRuntime:
    runtime: Runtime
    device: Accelerator

    @property
    def truth(self) -> DeviceTruth:
        precision = "f16" if self.device.fault is DeviceFault.IS_COARSE else self.runtime.truth.actual_precision
        return replace(self.runtime.truth, actual_device="gpu", actual_precision=precision)

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> CompiledModel:
        return _FaultyModel(self.runtime.compile(path, input_name=input_name, shape=shape), self.device)

    def close(self) -> None:
        self.runtime.close()


@dataclass(frozen=True, slots=True, eq=False)
class _FaultyModel:
    model: CompiledModel
    device: Accelerator

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        return self.device.answer(lambda: self.model.infer(nchw))


def real_library(settings: InferenceSettings) -> DeviceLibrary:
    """The library the settings name, without a cache."""
    if settings.runtime == "openvino":
        return OpenVinoLibrary(settings, None)
    return OnnxRuntimeLibrary(settings, None)
