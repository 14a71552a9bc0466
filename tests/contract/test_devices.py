"""What happens when an accelerator hangs, fails, lies, or is not there, on both libraries, with real networks."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from doorward_testing.device_box import FREE, ONES, DeviceBox
from doorward_testing.faulty_device import DeviceFault
from doorward_testing.tiny_network import save_affine


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


def test_the_cpu_answers_first_and_the_accelerator_when_it_is_ready(box):
    gate = box().start()
    assert gate.answers_right()
    assert (gate.device_now, gate.device.inferences) == ("cpu", 0)
    assert "being prepared" in gate.reason
    gate.runtime.tend()
    assert (gate.device_now, gate.reason) == ("gpu", "")
    before = gate.device.inferences
    assert gate.answers_right()
    assert gate.device.inferences == before + 1
    assert gate.runtime.memory is not None
    assert not gate.runtime.is_failing


def test_a_network_opened_later_follows_to_the_accelerator(box):
    gate = box().start()
    gate.runtime.tend()
    later = gate.runtime.compile(save_affine(gate.folder / "later.onnx", gain=3.0), input_name="input", shape=FREE)
    before = gate.device.inferences
    assert later.infer(ONES)["scaled"][0, 0, 0, 0] == 3
    assert gate.device.inferences == before
    gate.runtime.tend()
    assert later.infer(ONES)["scaled"][0, 0, 0, 0] == 3
    assert gate.device.inferences == before + 1


def test_a_device_that_hangs_costs_one_deadline_and_the_cpu_goes_on(box):
    gate = box().start()
    gate.runtime.tend()
    gate.device.fault = DeviceFault.HANGS
    began_s = time.monotonic()
    assert gate.answers_right()
    assert 0.1 <= time.monotonic() - began_s < 5
    inferences = gate.device.inferences
    assert all(gate.answers_right() for _ in range(5))
    assert gate.device.inferences == inferences
    assert gate.device_now == "cpu"
    assert "hangs: no answer within 100 ms" in gate.reason
    assert gate.runtime.is_failing


def test_a_device_is_not_asked_again_while_a_thread_hangs_in_its_driver(box):
    gate = box().start()
    gate.runtime.tend()
    gate.device.fault = DeviceFault.HANGS
    gate.answers_right()
    gate.rest(100_000)
    assert gate.device_now == "cpu"
    gate.device.release()
    until_s = time.monotonic() + 10
    while gate.device_now == "cpu" and time.monotonic() < until_s:
        time.sleep(0.01)
        gate.runtime.tend()
    assert gate.device_now == "gpu"


def test_three_failures_within_a_minute_are_too_many_and_a_minute_later_it_is_asked_again(box):
    gate = box().start()
    gate.runtime.tend()
    gate.device.fault = DeviceFault.FAILS
    for expected in ("gpu", "gpu", "cpu"):
        assert gate.answers_right()
        assert gate.device_now == expected
    assert "the device was lost" in gate.reason
    gate.rest(59)
    assert gate.device_now == "cpu"
    gate.rest(2)
    assert gate.device_now == "cpu", "it still fails: another minute"
    gate.device.release()
    gate.rest(30)
    assert gate.device_now == "cpu"
    gate.rest(31)
    assert (gate.device_now, gate.reason) == ("gpu", "")


def test_failures_far_apart_are_too_many_at_the_fifth_in_a_row(box):
    gate = box().start()
    gate.runtime.tend()
    gate.device.fault = DeviceFault.FAILS
    for number in range(1, 6):
        gate.clock.now_s += 40
        assert gate.answers_right()
        assert gate.device_now == ("gpu" if number < 5 else "cpu"), number


def test_successes_between_failures_far_apart_keep_the_device(box):
    gate = box().start()
    gate.runtime.tend()
    for _ in range(8):
        gate.clock.now_s += 40
        gate.device.fault = DeviceFault.FAILS
        assert gate.answers_right()
        gate.device.fault = DeviceFault.NONE
        assert gate.answers_right()
    assert gate.device_now == "gpu"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (DeviceFault.REFUSES, "the driver says no"),
        (DeviceFault.LIES, r"affine\.onnx: .* differs from the CPU's: cosine -1"),
        (DeviceFault.IS_COARSE, "computes in f16, f32 is wanted"),
        (DeviceFault.FAILS, "the device was lost"),
    ],
    ids=lambda value: value.value if isinstance(value, DeviceFault) else "",
)
def test_a_device_that_is_not_right_is_never_used(box, fault: DeviceFault, why: str):
    gate = box()
    gate.device.fault = fault
    gate.start()
    gate.runtime.tend()
    gate.rest(3600)
    assert gate.device_now == "cpu"
    assert gate.answers_right()
    assert re.search(why, gate.reason), gate.reason


def test_a_device_that_passes_the_comparison_and_fails_the_golden_picture_is_not_used(box):
    gate = box()
    gate.device.fault = DeviceFault.LIES_A_LITTLE
    gate.start()
    asked_in: list[str] = []

    def golden() -> str:
        asked_in.append(threading.current_thread().name)
        return "" if gate.answers_right() else "embedding (cosine 0.5)"

    gate.runtime.admit_with(golden)
    gate.runtime.tend()
    assert asked_in == [threading.current_thread().name]
    assert gate.device_now == "cpu"
    assert "answers wrongly: embedding" in gate.reason


def test_others_are_answered_by_the_cpu_while_a_device_is_on_trial(box):
    gate = box()
    gate.device.fault = DeviceFault.LIES_A_LITTLE
    gate.start()
    seen: list[bool] = []

    def golden() -> str:
        other = threading.Thread(target=lambda: seen.append(gate.answers_right()))
        other.start()
        other.join()
        seen.append(gate.answers_right())
        return "wrong"

    gate.runtime.admit_with(golden)
    gate.runtime.tend()
    assert seen == [True, False]


def test_a_device_that_begins_to_lie_is_found_by_the_next_check(box):
    gate = box().start()
    gate.runtime.admit_with(lambda: "" if gate.answers_right() else "embedding")
    gate.runtime.tend()
    gate.device.fault = DeviceFault.LIES
    gate.rest(599)
    assert gate.device_now == "gpu"
    gate.rest(2)
    assert gate.device_now == "cpu"
    assert gate.answers_right()


def test_a_device_that_is_distrusted_is_left_for_good(box):
    gate = box().start()
    gate.runtime.tend()
    assert gate.runtime.distrust("embedding")
    assert not gate.runtime.distrust("again")
    gate.rest(10_000)
    assert gate.device_now == "cpu"


def test_auto_takes_no_device_that_is_slower_than_the_cpu(box):
    gate = box(device="auto")
    gate.device.fault = DeviceFault.IS_SLOW
    gate.start()
    gate.runtime.tend()
    assert gate.device_now == "cpu"
    assert "no faster than the CPU here" in gate.reason
    assert not gate.runtime.is_failing


def test_a_device_named_outright_is_taken_slow_or_not(box):
    gate = box()
    gate.device.fault = DeviceFault.IS_SLOW
    gate.start()
    gate.runtime.tend()
    assert gate.device_now == "gpu"


def test_a_named_device_that_is_not_there_is_replaced_and_said(box):
    gate = box()
    gate.device.fault = DeviceFault.MISSING
    gate.start()
    assert gate.answers_right()
    assert (gate.runtime.truth.requested_device, gate.device_now, gate.reason) == ("gpu", "cpu", "no GPU here")
    assert gate.runtime.is_failing


def test_a_hang_on_the_cpu_is_noticed_and_ends_when_it_ends(box):
    gate = box(device="cpu").start()
    watch = gate.runtime.cpu_watch
    assert watch.hangs_for_s is None
    with watch.watching():
        gate.clock.now_s += 0.9
        assert watch.hangs_for_s is None
        gate.clock.now_s += 0.2
        assert watch.hangs_for_s == pytest.approx(1.1)
    assert watch.hangs_for_s is None
