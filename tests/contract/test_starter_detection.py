"""MTCNN on pictures: what it finds, what it leaves, and that both runtimes agree."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.vision.detection import DetectionSettings, Detector, open_detector
from doorward_daemon.vision.picture import PictureSettings, decode_picture

pytestmark = pytest.mark.models

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def detectors(starter_pack: InstalledPack) -> Iterator[tuple[Detector, Detector]]:
    runtimes = [open_runtime(InferenceSettings(runtime=name), None) for name in ("openvino", "onnxruntime")]
    first, second = (open_detector(starter_pack, runtime, DetectionSettings()) for runtime in runtimes)
    yield first, second
    for runtime in runtimes:
        runtime.close()


@pytest.fixture(scope="module")
def detector(detectors: tuple[Detector, Detector]) -> Detector:
    return detectors[0]


def read(path: Path) -> Image:
    return decode_picture(path.read_bytes(), PictureSettings()).bgr_hwc


def from_skimage(name: str) -> Image:
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    rgb = getattr(data, name)()
    bgr = np.repeat(rgb[..., None], 3, axis=2) if rgb.ndim == 2 else rgb[..., ::-1]
    return np.ascontiguousarray(bgr, np.uint8)


def assert_same(one: Detections, other: Detections) -> None:
    assert len(one) == len(other)
    assert np.abs(one.xyxy_px - other.xyxy_px).max(initial=0) < 0.05
    assert np.abs(one.landmarks_px - other.landmarks_px).max(initial=0) < 0.05
    assert np.abs(one.scores - other.scores).max(initial=0) < 1e-3


def test_the_astronaut_is_found_with_her_landmarks_in_order(detector: Detector):
    found = detector.detect(from_skimage("astronaut"))
    assert len(found) == 1
    assert found.scores[0] > 0.99
    right_eye, left_eye, nose, right_mouth, left_mouth = found.landmarks_px[0]
    assert np.abs(right_eye - (205, 101)).max() < 5
    assert np.abs(left_eye - (247, 103)).max() < 5
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
    left, top, right, bottom = found.xyxy_px[0]
    assert left < right_eye[0] < left_eye[0] < right
    assert top < right_eye[1] < left_mouth[1] < bottom


@pytest.mark.parametrize("name", ["chelsea", "coffee", "brick", "grass"])
def test_what_is_no_person_is_no_face(detector: Detector, name: str):
    assert len(detector.detect(from_skimage(name))) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (11, 11), (12, 12), (20, 20), (13, 3000)])
def test_a_tiny_or_narrow_picture_has_no_face_and_does_no_harm(detector: Detector, size: tuple[int, int]):
    noise = np.random.default_rng(3).integers(0, 256, (*size, 3)).astype(np.uint8)
    found = detector.detect(noise)
    assert found.xyxy_px.shape == (0, 4)
    assert found.landmarks_px.shape == (0, 5, 2)


def test_a_large_picture_gives_boxes_in_its_own_pixels(detector: Detector):
    small = from_skimage("astronaut")
    large = cv2.resize(small, None, fx=6, fy=5, interpolation=cv2.INTER_CUBIC)
    (one,), (other,) = detector.detect(small).xyxy_px, detector.detect(np.asarray(large, np.uint8)).xyxy_px
    assert np.abs(other / (6, 5, 6, 5) - one).max() < 6


def test_a_face_at_the_border_keeps_its_box_beyond_it(detector: Detector):
    cut = np.ascontiguousarray(from_skimage("astronaut")[60:, 190:])
    found = detector.detect(cut)
    assert len(found) == 1
    assert found.xyxy_px[0, :2].min() < 0


def test_the_detector_may_be_used_by_several_threads_at_once(detector: Detector):
    from concurrent.futures import ThreadPoolExecutor

    picture = from_skimage("astronaut")
    alone = detector.detect(picture)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(detector.detect, [picture] * 8):
            assert_same(found, alone)


def test_settings_bound_what_is_found(starter_pack: InstalledPack):
    runtime = open_runtime(InferenceSettings(), None)
    picture = from_skimage("astronaut")
    strict = open_detector(starter_pack, runtime, DetectionSettings(min_face_px=200))
    single = open_detector(starter_pack, runtime, DetectionSettings(max_faces=1))
    assert len(strict.detect(picture)) == 0
    assert len(single.detect(np.hstack([picture, picture]))) == 1
    runtime.close()


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea"])
def test_both_runtimes_find_the_same(detectors: tuple[Detector, Detector], name: str):
    picture = from_skimage(name)
    assert_same(detectors[0].detect(picture), detectors[1].detect(picture))


@pytest.mark.assets
def test_the_face_of_every_photo_is_found_where_another_detector_sees_it(detector: Detector, assets: Path):
    golden = json.loads((assets / "golden.json").read_text("utf-8"))["images"]
    photos = {name: entry for name, entry in golden.items() if name.startswith("faces/")}
    assert len(photos) == 60
    for name, entry in photos.items():
        box = max((face["xywh_px"] for face in entry["faces"]), key=lambda xywh: xywh[2] * xywh[3])
        left, top, right, bottom = detector.detect(read(assets / name)).largest_first()[0].xyxy_px
        assert abs((left + right) / 2 - (box[0] + box[2] / 2)) < 0.35 * box[2], name
        assert abs((top + bottom) / 2 - (box[1] + box[3] / 2)) < 0.35 * box[3], name


@pytest.mark.assets
def test_both_runtimes_find_the_same_faces_in_all_development_pictures(
    detectors: tuple[Detector, Detector], assets: Path
):
    several = {"obama_and_biden.jpg": 3, "two_people.jpg": 2}
    pictures = sorted(path for path in (assets / "images").rglob("*") if path.suffix in {".jpg", ".png"})
    for path in pictures:
        picture = read(path)
        one, other = (found.detect(picture) for found in detectors)
        assert len(one) >= several.get(path.name, 1), path.name
        assert_same(one, other)
