"""Devices that end the process are not tried again at every start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorward_daemon.inference.device_marks import DeviceMarks, MarkState


class Clock:
    """Seconds since boot, set by the test."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "devices.json"


def test_a_device_nobody_has_tried_may_be_tried(path: Path, clock: Clock):
    assert DeviceMarks(path, clock, "boot").refusal("gpu") == ""


def test_a_process_that_ends_while_it_tries_a_device_loses_it(path: Path, clock: Clock):
    DeviceMarks(path, clock, "boot").set("gpu", MarkState.TRYING)
    after = DeviceMarks(path, clock, "boot")
    assert "gpu was being tried when the process ended; not tried again for 600 s" in after.refusal("gpu")
    assert after.refusal("npu") == ""
    clock.now_s += 601
    assert after.refusal("gpu") == ""


def test_each_further_crash_doubles_the_rest(path: Path, clock: Clock):
    for rest_s in (600, 1200, 2400):
        DeviceMarks(path, clock, "boot").set("gpu", MarkState.TRYING)
        after = DeviceMarks(path, clock, "boot")
        assert f"for {rest_s} s" in after.refusal("gpu")
        clock.now_s += rest_s + 1


def test_one_end_in_use_is_nobodys_fault_and_two_are_the_devices(path: Path, clock: Clock):
    for refused in (False, True):
        marks = DeviceMarks(path, clock, "boot")
        marks.set("gpu", MarkState.TRYING)
        marks.set("gpu", MarkState.USING)
        assert bool(DeviceMarks(path, clock, "boot").refusal("gpu")) is refused


def test_a_device_put_down_in_order_is_tried_at_the_next_start(path: Path, clock: Clock):
    for _ in range(5):
        marks = DeviceMarks(path, clock, "boot")
        assert marks.refusal("gpu") == ""
        marks.set("gpu", MarkState.USING)
        marks.set("gpu", MarkState.IDLE)


def test_a_reboot_gives_every_device_another_chance(path: Path, clock: Clock):
    DeviceMarks(path, clock, "boot").lose("gpu", "hangs")
    assert DeviceMarks(path, clock, "boot").refusal("gpu")
    assert DeviceMarks(path, clock, "another boot").refusal("gpu") == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"boot_id": "boot"}', b'{"boot_id": "boot", "devices": {"gpu": {"state": "odd"}}}', b"\xff"],
)
def test_marks_that_cannot_be_read_keep_no_box_from_starting(path: Path, clock: Clock, content: bytes):
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    marks = DeviceMarks(path, clock, "boot")
    assert marks.refusal("gpu") == ""
    marks.lose("gpu", "hangs")
    assert json.loads(path.read_text())["devices"]["gpu"]["reason"] == "hangs"


def test_a_folder_that_cannot_be_written_costs_memory_of_the_crash_only(tmp_path: Path, clock: Clock):
    (tmp_path / "cache").write_text("a file where the folder should be")
    marks = DeviceMarks(tmp_path / "cache" / "devices.json", clock, "boot")
    marks.lose("gpu", "hangs")
    assert "hangs" in marks.refusal("gpu")


def test_a_driver_that_ends_the_process_is_left_alone_by_the_next_one(tmp_path: Path):
    script = f"""
import sys
from pathlib import Path
from doorward_daemon.inference import DeviceRuntime, InferenceSettings
from doorward_daemon.inference.device_marks import DeviceMarks
from doorward_testing.faulty_device import Accelerator, FaultyLibrary, real_library
from doorward_testing.tiny_network import save_affine
import os
class Deadly(Accelerator):
    def opening(self):
        os._exit(9)
settings = InferenceSettings(runtime="onnxruntime", device="gpu")
folder = Path({str(tmp_path)!r})
runtime = DeviceRuntime(FaultyLibrary(real_library(settings), Deadly()), settings, DeviceMarks(folder / "devices.json"))
runtime.compile(save_affine(folder / "net.onnx"), input_name="input", shape=(None, 3, None, None))
runtime.tend()
print(runtime.truth.actual_device, runtime.truth.fallback_reason)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    runs = [
        subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, env=environment)
        for _ in range(3)
    ]
    assert [run.returncode for run in runs] == [9, 0, 0], runs[1].stderr
    assert all("cpu gpu: gpu was being tried when the process ended" in run.stdout for run in runs[1:])
