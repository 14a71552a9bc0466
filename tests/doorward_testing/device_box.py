"""A runtime on a device that breaks on command, with one network and a clock that passes when told."""

from pathlib import Path
from typing import Literal

import numpy as np

from doorward_daemon.inference import CompiledModel, DeviceRuntime, InferenceSettings
from doorward_daemon.inference.device_marks import DeviceMarks
from doorward_testing.faulty_device import Accelerator, FaultyLibrary, real_library
from doorward_testing.tiny_network import save_affine

FREE = (None, 3, None, None)
ONES = np.ones((1, 3, 4, 4), np.float32)


class PassingClock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class DeviceBox:
    """A runtime on a faulty device, with one network."""

    def __init__(
        self, name: Literal["openvino", "onnxruntime"], folder: Path, device: str = "gpu", strict: bool = False
    ) -> None:
        self.settings = InferenceSettings(runtime=name, deadline_ms=100, device=device, strict=strict)
        self.device, self.clock = Accelerator(), PassingClock()
        self.folder = folder
        self.opened: list[DeviceRuntime] = []
        self.network_file = save_affine(folder / "affine.onnx")

    def start(self) -> "DeviceBox":
        marks = DeviceMarks(self.folder / "devices.json", self.clock, boot_id="boot")
        library = FaultyLibrary(real_library(self.settings), self.device)
        self.runtime = DeviceRuntime(library, self.settings, marks, self.clock)
        self.opened.append(self.runtime)
        self.network: CompiledModel = self.runtime.compile(self.network_file, input_name="input", shape=FREE)
        return self

    def answers_right(self) -> bool:
        return bool((self.network.infer(ONES)["scaled"] == 2).all())

    def rest(self, seconds: float) -> None:
        self.clock.now_s += seconds
        self.runtime.tend()

    @property
    def device_now(self) -> str:
        return self.runtime.truth.actual_device

    @property
    def reason(self) -> str:
        return self.runtime.truth.fallback_reason
