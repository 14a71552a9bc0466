"""The three captures of the development pictures keep their verdict, however they were compressed and scaled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.model.liveness import LivenessVerdict
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.vision.detection import DetectionSettings, open_detector
from doorward_daemon.vision.liveness import LivenessSettings, open_liveness

pytestmark = [pytest.mark.models, pytest.mark.assets]

QUALITIES = (60, 75, 90, 100)
SCALES = (0.5, 0.75, 1.0, 1.5, 2.0)
SAMPLES = {
    "bona_fide.jpg": LivenessVerdict.LIVE,
    "attack_print.jpg": LivenessVerdict.SPOOF,
    "attack_screen.jpg": LivenessVerdict.SPOOF,
}
Judge = Callable[[NDArray[np.uint8]], LivenessVerdict]


@pytest.fixture(scope="module")
def judge(compact_pack: InstalledPack) -> Iterator[Judge]:
    runtime = open_runtime(InferenceSettings(), None)
    detector = open_detector(compact_pack, runtime, DetectionSettings())
    checker = open_liveness(compact_pack, runtime, LivenessSettings())
    assert checker is not None
    runtime.settle()

    def verdict(bgr_hwc: NDArray[np.uint8]) -> LivenessVerdict:
        return checker.assess(bgr_hwc, detector.detect(bgr_hwc).largest_first()[0]).verdict

    yield verdict
    runtime.close()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_compression_and_scale_change_no_verdict(judge: Judge, assets: Path, name: str):
    picture = cv2.imread(str(assets / "images" / "spoof" / name))
    found = {}
    for quality in QUALITIES:
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        for scale in SCALES:
            way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
            scaled = cv2.resize(decoded, None, fx=scale, fy=scale, interpolation=way)
            found[quality, scale] = judge(np.asarray(scaled, np.uint8))
    assert {at: verdict for at, verdict in found.items() if verdict is not SAMPLES[name]} == {}
