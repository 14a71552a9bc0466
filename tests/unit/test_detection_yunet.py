"""YuNet: decoding, suppression, and looks at faces of every size."""

import threading
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import CompiledModel, InferenceSettings, open_runtime
from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.vision.detection import DetectionSettings, Detector, open_detector
from doorward_daemon.vision.detection.canvas import Canvas, Canvases
from doorward_daemon.vision.detection.yunet import YuNetDetector
from doorward_daemon.vision.detection.yunet_decode import FoundFaces, decode, suppress
from doorward_testing.one_model_pack import tiny_entry, tiny_pack
from doorward_testing.pictures import astronaut, coffee, thirty_astronauts
from doorward_testing.tiny_network import save_affine


@pytest.fixture(scope="module")
def detector(compact_pack: InstalledPack) -> Detector:
    return open_detector(compact_pack, open_runtime(InferenceSettings(), None), DetectionSettings())


def bgr(picture) -> np.ndarray:
    return np.asarray(picture)[..., ::-1].copy()


def silent_outputs(height: int, width: int) -> dict[str, np.ndarray]:
    outputs = {}
    for stride in (8, 16, 32):
        cells = (height // stride) * (width // stride)
        for name, numbers in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            outputs[f"{name}_{stride}"] = np.zeros((1, cells, numbers), np.float32)
    return outputs


def one_face(height: int = 64, width: int = 96) -> dict[str, np.ndarray]:
    """A face of stride 16 in row 2, column 3 of a 64x96 picture."""
    outputs = silent_outputs(height, width)
    cell = 2 * (width // 16) + 3
    outputs["cls_16"][0, cell], outputs["obj_16"][0, cell] = 0.81, 1.0
    outputs["bbox_16"][0, cell] = (0.5, 0.25, np.log(2), np.log(1.5))
    outputs["kps_16"][0, cell] = np.arange(10) / 10
    return outputs


def faces(*boxes: tuple[float, float, float, float], scores: tuple[float, ...]) -> FoundFaces:
    count = len(boxes)
    return FoundFaces(np.array(boxes, np.float32), np.zeros((count, 5, 2), np.float32), np.array(scores, np.float32))


def test_a_cell_becomes_a_box_landmarks_and_a_score():
    found = decode(one_face(), 96, 0.6)
    assert found.scores == pytest.approx([0.9])
    # Centre (3.5, 2.25) strides of 16, size (2, 1.5) strides.
    np.testing.assert_allclose(found.xyxy_px, [[40, 24, 72, 48]], atol=1e-4)
    expected = (np.arange(10).reshape(5, 2) / 10 + (3, 2)) * 16
    np.testing.assert_allclose(found.landmarks_px[0], expected, atol=1e-4)


def test_the_threshold_belongs_to_the_faces():
    exact = float(np.sqrt(np.float32(0.81)))
    assert len(decode(one_face(), 96, exact)) == 1
    assert len(decode(one_face(), 96, 0.9001)) == 0


@pytest.mark.parametrize("name", ["cls_16", "obj_16", "bbox_16", "kps_16"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_never_become_a_face_that_is_none(name: str, value: float):
    outputs = one_face()
    outputs[name][:] = value
    if name in ("cls_16", "obj_16") and value == np.inf:
        # Clipped to certainty as OpenCV does; the other cells' boxes are finite.
        outputs["cls_16"][:, 1:] = 0
    found = decode(outputs, 96, 0.6)
    assert np.isfinite(found.xyxy_px).all()
    assert np.isfinite(found.landmarks_px).all()
    assert np.isfinite(found.scores).all()


def test_a_size_beyond_reason_stays_finite():
    outputs = one_face()
    outputs["bbox_16"][0, :, 2:] = 3e38
    found = decode(outputs, 96, 0.6)
    assert np.isfinite(found.xyxy_px).all()
    assert len(suppress(found, 0.3, 64)) == 1


def test_the_best_of_overlapping_boxes_stays_best_first():
    found = suppress(faces((0, 0, 10, 10), (1, 1, 11, 11), (50, 50, 60, 60), scores=(0.7, 0.9, 0.8)), iou=0.3, most=64)
    np.testing.assert_allclose(found.scores, [0.9, 0.8])


def test_boxes_are_cut_to_whole_pixels_before_they_are_compared():
    # Whole: 10x10 at (0, 0) and at (5, 0), sharing 50 of 150 pixels; as they are they share 5.9/14.9 of their width.
    near = faces((0.0, 0.0, 10.0, 10.0), (4.1, 0.0, 15.0, 10.9), scores=(0.9, 0.8))
    moved = faces((0.0, 0.0, 10.0, 10.0), (5.9, 0.0, 16.8, 10.9), scores=(0.9, 0.8))
    assert len(suppress(near, 0.43, 64)) == 2
    assert len(suppress(moved, 0.34, 64)) == 2
    assert len(suppress(moved, 0.33, 64)) == 1


def test_no_more_faces_than_asked_for_and_the_best_of_them():
    apart = [(20.0 * place, 0.0, 20.0 * place + 10, 10.0) for place in range(10)]
    found = suppress(faces(*apart, scores=tuple(np.linspace(0.6, 0.9, 10))), 0.3, 3)
    np.testing.assert_allclose(found.scores, [0.9, 0.8666667, 0.8333333], rtol=1e-5)


def test_a_picture_is_padded_with_black_at_the_right_and_the_bottom():
    canvas = Canvas(64 * 64, 32)
    canvas.write(np.full((64, 64, 3), 255, np.uint8))
    picture = np.random.default_rng(0).integers(1, 256, (33, 20, 3)).astype(np.uint8)
    tensor = canvas.write(picture)
    assert tensor.shape == (1, 3, 64, 32)
    np.testing.assert_array_equal(tensor[0, :, :33, :20].transpose(1, 2, 0), picture)
    assert tensor[0, :, 33:].sum() == 0
    assert tensor[0, :, :, 20:].sum() == 0


def test_pictures_of_cameras_are_written_at_once_and_large_ones_one_after_the_other():
    canvases = Canvases(1280, 32)
    camera, large = np.zeros((480, 640, 3), np.uint8), np.zeros((1280, 1280, 3), np.uint8)
    with canvases.lend(camera) as first, canvases.lend(camera) as second, canvases.lend(large):
        assert first is not second
        came: SimpleQueue[bool] = SimpleQueue()

        def ask() -> None:
            with canvases.lend(large):
                came.put(True)

        threading.Thread(target=ask, daemon=True).start()
        with pytest.raises(Empty):
            came.get(timeout=0.05)
    assert came.get(timeout=10.0)


@pytest.mark.models
@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (31, 33), (2, 3000)])
def test_a_picture_of_any_size_is_searched(detector: Detector, size: tuple[int, int]):
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    assert len(detector.detect(noise)) == 0


@pytest.mark.models
def test_a_cup_of_coffee_is_no_face(detector: Detector):
    assert len(detector.detect(bgr(coffee()))) == 0


@pytest.mark.models
@pytest.mark.parametrize("scale", [0.25, 0.5, 2.0, 4.0, 6.0])
def test_a_face_is_where_it_is_at_every_size_of_the_picture(detector: Detector, scale: float):
    plain = detector.detect(bgr(astronaut())).face(0)
    found = detector.detect(bgr(astronaut(scale)))
    assert len(found) == 1
    # 22 px of a face, or 540, say less than the 90 the network likes: an eighth of its width is allowed.
    allowed = 0.13 * plain.width_px * scale
    assert np.abs(found.landmarks_px[0] - plain.landmarks_px * scale).max() < allowed


@pytest.mark.models
@pytest.mark.parametrize("side", [64, 250, 640, 1200, 3000])
def test_a_face_that_fills_the_picture_is_found(detector: Detector, side: int):
    portrait = astronaut()
    left, top, right, bottom = (round(float(edge)) for edge in detector.detect(bgr(portrait)).xyxy_px[0])
    close = portrait.crop((left - 10, top - 10, right + 10, bottom + 10)).resize((side, side))
    face = detector.detect(bgr(close)).largest_first()[0]
    assert face.width_px > 0.6 * side
    assert 0 < face.landmarks_px[0, 0] < face.landmarks_px[1, 0] < side


@pytest.mark.models
def test_a_small_face_in_a_large_picture_is_found(detector: Detector):
    scene = np.full((2000, 3000, 3), 90, np.uint8)
    # 27 px of a face: 9 px at the first look, which is too few for YuNet, and 17 px at the closer one.
    person = bgr(astronaut(0.3))
    scene[1500 : 1500 + len(person), 2400 : 2400 + len(person)] = person
    near = detector.detect(person).face(0)
    found = detector.detect(scene)
    assert len(found) == 1
    assert np.abs(found.xyxy_px[0] - near.xyxy_px - (2400, 1500, 2400, 1500)).max() < 8


@pytest.mark.models
def test_a_face_the_first_look_sees_well_is_not_replaced_by_a_coarser_one(detector: Detector):
    # At a third of the size the network gives this face the higher score, and landmarks three times as coarse.
    person = bgr(astronaut())
    scene = np.full((720, 960, 3), 60, np.uint8)
    scene[:512, :512] = person
    found = detector.detect(scene)
    assert len(found) == 1
    assert np.abs(found.landmarks_px - detector.detect(person).landmarks_px).max() < 0.2


class Listener:
    """Passes tensors on to a network and notes their sizes."""

    def __init__(self, network: CompiledModel) -> None:
        self.sizes: list[tuple[int, int]] = []
        self._network = network

    def infer(self, nchw: np.ndarray) -> dict[str, np.ndarray]:
        self.sizes.append((nchw.shape[2], nchw.shape[3]))
        return self._network.infer(nchw)


@pytest.mark.models
@pytest.mark.parametrize(
    ("size", "looks"),
    [
        ((480, 640), [(480, 640), (256, 320)]),
        ((200, 300), [(224, 320)]),
        ((540, 960), [(544, 960), (192, 320)]),
        ((4000, 4000), [(832, 832), (320, 320), *[(960, 960)] * 4]),
        ((3000, 4000), [(736, 960), (256, 320), *[(960, 960)] * 4]),
        ((10, 4000), [(32, 960), (32, 320), (32, 960), (32, 960)]),
    ],
)
def test_a_picture_without_a_face_costs_so_many_looks_and_no_more(
    compact_pack: InstalledPack, size: tuple[int, int], looks: list[tuple[int, int]]
):
    entry = compact_pack.manifest.of_role(ModelRole.DETECTOR)[0]
    runtime = open_runtime(InferenceSettings(runtime="onnxruntime"), None)
    network = runtime.compile(compact_pack.path_of(entry), input_name=entry.input.name, shape=(1, 3, None, None))
    listener = Listener(network)
    YuNetDetector(listener, DetectionSettings(max_side_px=960)).detect(np.zeros((*size, 3), np.uint8))
    assert listener.sizes == looks


@pytest.mark.models
def test_limits_of_the_settings_are_kept(compact_pack: InstalledPack):
    runtime = open_runtime(InferenceSettings(), None)
    crowd = bgr(thirty_astronauts())
    few = open_detector(compact_pack, runtime, DetectionSettings(max_faces=7)).detect(crowd)
    assert len(few) == 7
    assert (np.diff(few.scores) <= 0).all()
    large_only = DetectionSettings(min_face_px=60)
    assert len(open_detector(compact_pack, runtime, large_only).detect(crowd)) == 0
    assert len(open_detector(compact_pack, runtime, DetectionSettings(min_face_px=30)).detect(crowd)) == 30


@pytest.mark.models
def test_threads_that_search_at_once_find_what_each_would_alone(detector: Detector):
    pictures = [bgr(astronaut(scale)) for scale in (0.3, 0.5, 1.0, 2.0)]
    alone = [detector.detect(picture).xyxy_px for picture in pictures]
    wrong: list[int] = []

    def work(number: int) -> None:
        found = [detector.detect(pictures[number]).xyxy_px for _ in range(10)]
        wrong.extend(number for boxes in found if not np.array_equal(boxes, alone[number]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_pack_without_a_known_detector_is_refused(tmp_path: Path):
    file = save_affine(tmp_path / "affine.onnx")
    pack = tiny_pack(tmp_path, tiny_entry(file, ModelRole.DETECTOR, "crystal_ball", outputs=("scaled",)))
    with pytest.raises(Conflict, match="found \\['crystal_ball'\\]") as caught:
        open_detector(pack, open_runtime(InferenceSettings(), None), DetectionSettings())
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
