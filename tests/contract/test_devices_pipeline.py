"""The golden picture decides whether an accelerator may be used, and every decision says which device it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from doorward_daemon.app.pipeline_watch import PipelineWatch
from doorward_daemon.gallery import open_gallery
from doorward_daemon.identity import OpenSetRule, OpenSetSettings
from doorward_daemon.inference import DeviceRuntime, InferenceSettings
from doorward_daemon.inference.device_marks import DeviceMarks
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.opening import JudgingSettings, PackModels, open_recogniser
from doorward_daemon.recognition.pipeline import Recogniser
from doorward_daemon.recognition.self_test import golden_answer, golden_check, golden_picture
from doorward_testing.faulty_device import Accelerator, DeviceFault, FaultyLibrary, real_library

pytestmark = pytest.mark.models


@dataclass(frozen=True)
class Box:
    """A whole pipeline on a faulty device."""

    device: Accelerator
    runtime: DeviceRuntime
    recogniser: Recogniser


@pytest.fixture
def box(any_pack: InstalledPack, tmp_path: Path) -> Iterator[Box]:
    device = Accelerator()
    settings = InferenceSettings(device="gpu")
    runtime = DeviceRuntime(FaultyLibrary(real_library(settings), device), settings, DeviceMarks(None))
    manifest = any_pack.manifest
    with open_gallery(tmp_path, manifest.embedding_id) as gallery:
        models = PackModels(any_pack, runtime, JudgingSettings())
        recogniser = open_recogniser(models, gallery, OpenSetRule(manifest.calibration, OpenSetSettings()))
        runtime.admit_with(golden_check(recogniser.extract, golden_answer(manifest.name)))
        yield Box(device, runtime, recogniser)
    runtime.close()


def test_a_device_that_sees_the_golden_picture_right_is_used_and_named_in_every_explanation(box: Box):
    assert box.recogniser.identify(golden_picture()).explanation.device.actual_device == "cpu"
    box.runtime.settle()
    device = box.recogniser.identify(golden_picture()).explanation.device
    assert (device.requested_device, device.actual_device, device.fallback_reason) == ("gpu", "gpu", "")


def test_a_device_that_is_off_by_two_percent_is_caught_by_the_golden_picture(box: Box):
    box.device.fault = DeviceFault.LIES_A_LITTLE
    box.runtime.settle()
    device = box.recogniser.identify(golden_picture()).explanation.device
    assert device.actual_device == "cpu"
    assert "answers wrongly: boxes" in device.fallback_reason


def test_a_self_test_that_fails_on_a_device_leaves_it_and_passes_on_the_cpu(box: Box, any_pack: InstalledPack):
    box.runtime.settle()
    told: list[SelfTestReport] = []
    expected = golden_answer(any_pack.manifest.name)
    watch = PipelineWatch(box.recogniser, expected, told.append, box.runtime.distrust)
    box.device.fault = DeviceFault.LIES_A_LITTLE
    assert watch.run().passed
    assert [report.passed for report in told] == [True]
    assert box.runtime.truth.actual_device == "cpu"


def test_a_device_that_is_lost_in_the_middle_changes_no_answer(box: Box):
    box.runtime.settle()
    before = box.recogniser.extract(golden_picture()).vector
    box.device.fault = DeviceFault.FAILS
    assert box.recogniser.extract(golden_picture()).vector == pytest.approx(before, abs=1e-6)
    assert box.runtime.truth.actual_device == "cpu"
