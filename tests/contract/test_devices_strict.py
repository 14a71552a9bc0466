"""Strictness: the named device, or a typed refusal."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict, ErrorReason, Fault
from doorward_testing.device_box import ONES, DeviceBox
from doorward_testing.faulty_device import DeviceFault


@pytest.fixture(params=["openvino", "onnxruntime"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., DeviceBox]]:
    made: list[DeviceBox] = []

    def make(**asked: object) -> DeviceBox:
        made.append(DeviceBox(request.param, tmp_path, **asked))
        return made[-1]

    yield make
    for one in made:
        one.device.release()
        for runtime in one.opened:
            runtime.close()


def test_strictness_refuses_to_start_without_the_device(box):
    gate = box(strict=True)
    gate.device.fault = DeviceFault.MISSING
    with pytest.raises(Conflict, match=r"inference\.device: gpu cannot be used.*no GPU here") as caught:
        gate.start()
    assert caught.value.reason is ErrorReason.DEVICE_UNAVAILABLE


@pytest.mark.parametrize("fault", [DeviceFault.REFUSES, DeviceFault.LIES, DeviceFault.HANGS, DeviceFault.FAILS])
def test_strictness_refuses_to_start_on_a_device_that_does_not_work(box, fault: DeviceFault):
    gate = box(strict=True)
    gate.device.fault = fault
    gate.start()
    with pytest.raises(Conflict, match=r"inference\.strict") as caught:
        gate.runtime.settle()
    assert caught.value.reason is ErrorReason.DEVICE_UNAVAILABLE


def test_strictness_answers_on_the_device_or_not_at_all(box):
    gate = box(strict=True).start()
    gate.runtime.settle()
    assert gate.answers_right()
    gate.device.fault = DeviceFault.FAILS
    for _ in range(5):
        with pytest.raises(Fault, match=r"affine\.onnx on gpu"):
            gate.network.infer(ONES)


def test_strictness_needs_a_named_device(box):
    with pytest.raises(Conflict, match=r"inference\.strict: expected a named device") as caught:
        box(strict=True, device="auto").start()
    assert caught.value.reason is ErrorReason.CONFIG_INVALID
