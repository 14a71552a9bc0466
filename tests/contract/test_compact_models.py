"""The models of the compact pack give the authors' numbers, and the same on both runtimes."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import openvino
import pytest
from numpy.typing import NDArray

from doorward_daemon.packs.manifest import InstalledPack

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]
Infer = Callable[[Floats], dict[str, Floats]]
Open = Callable[[str], Infer]

pytestmark = pytest.mark.models


def _onnxruntime(path: Path) -> Infer:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    source = session.get_inputs()[0].name
    return lambda value: dict(zip(names, session.run(names, {source: value}), strict=True))


def _openvino(path: Path) -> Infer:
    # f32 by name: on a CPU with bf16 the default moves boxes by pixels.
    core = openvino.Core()
    model = core.read_model(str(path))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    # Names of the model as read: compiling gives some outputs of YuNet the name of an inner tensor beside their own.
    names = [output.get_any_name() for output in model.outputs]

    def infer(value: Floats) -> dict[str, Floats]:
        result = compiled(value)
        return {name: np.array(result[index]) for index, name in enumerate(names)}

    return infer


@pytest.fixture(params=[_onnxruntime, _openvino], ids=["onnxruntime", "openvino"])
def opened(request: pytest.FixtureRequest, compact_pack: InstalledPack) -> Open:
    """Opens an installed model by its name."""

    def opened(name: str) -> Infer:
        model = next(model for model in compact_pack.manifest.models if model.name == name)
        infer: Infer = request.param(compact_pack.path_of(model))
        return infer

    return opened


def _nchw(bgr: Picture) -> Floats:
    return np.ascontiguousarray(bgr.transpose(2, 0, 1)[None].astype(np.float32))


def _noise(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


# --- YuNet


def _picture(assets: Path) -> Picture:
    picture = cv2.imread(str(assets / "images" / "spoof" / "bona_fide.jpg"))
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.mark.assets
def test_yunet_at_its_own_size_is_the_upstream_file(opened: Open, assets: Path) -> None:
    upstream = _onnxruntime(assets / "models" / "face_detection_yunet_2023mar.onnx")
    value = _nchw(cv2.resize(_picture(assets), (640, 640)))
    expected, found = upstream(value), opened("yunet")(value)
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=2e-4, err_msg=name)


def _best_face(outputs: dict[str, Floats], width: int) -> NDArray[np.float64]:
    """(15,) x, y, w, h, five landmarks, score of the strongest cell, as cv2.FaceDetectorYN orders them."""
    faces = []
    for stride in (8, 16, 32):
        cls, obj, box, kps = (outputs[f"{kind}_{stride}"][0].astype(float) for kind in ("cls", "obj", "bbox", "kps"))
        scores = np.sqrt(cls.clip(0, 1) * obj.clip(0, 1))[:, 0]
        best = int(scores.argmax())
        cell = np.array([best % (width // stride), best // (width // stride)])
        centre, size = (cell + box[best, :2]) * stride, np.exp(box[best, 2:]) * stride
        landmarks = (kps[best].reshape(5, 2) + cell) * stride
        faces.append(np.concatenate([centre - size / 2, size, landmarks.ravel(), scores[best : best + 1]]))
    return max(faces, key=lambda face: float(face[-1]))


@pytest.mark.assets
@pytest.mark.parametrize("size", [(320, 192), (480, 640), (640, 384), (960, 1280)])
def test_yunet_at_any_multiple_of_32_finds_the_face_where_opencv_does(opened: Open, assets: Path, size) -> None:
    width, _ = size
    picture = cv2.resize(_picture(assets), size)
    reference = cv2.FaceDetectorYN.create(str(assets / "models" / "face_detection_yunet_2023mar.onnx"), "", size, 0.5)
    expected = max(reference.detect(picture)[1], key=lambda face: float(face[-1]))
    found = _best_face(opened("yunet")(_nchw(picture)), width)
    np.testing.assert_allclose(found[:14], expected[:14], atol=0.05)
    assert found[14] == pytest.approx(float(expected[14]), abs=1e-4)


def test_yunet_gives_a_cell_for_every_stride_step(opened: Open) -> None:
    outputs = opened("yunet")(_noise(0, 1, 3, 96, 160))
    assert {name: values.shape for name, values in outputs.items() if name.startswith("bbox")} == {
        "bbox_8": (1, 12 * 20, 4),
        "bbox_16": (1, 6 * 10, 4),
        "bbox_32": (1, 3 * 5, 4),
    }


# --- MobileFaceNet


def _crop(seed: int) -> Floats:
    return (_noise(seed, 1, 3, 112, 112) / 255 - 0.45) / 0.225


@pytest.mark.assets
def test_mobilefacenet_is_the_upstream_file(opened: Open, assets: Path) -> None:
    upstream = _onnxruntime(assets / "models" / "MobileFaceNet.onnx")
    expected, found = (infer(_crop(1))["output0"][0] for infer in (upstream, opened("mobilefacenet")))
    cosine = expected @ found / np.linalg.norm(expected) / np.linalg.norm(found)
    assert cosine >= 0.99999
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_mobilefacenet_answers_a_batch_as_it_answers_each(opened: Open) -> None:
    infer = opened("mobilefacenet")
    crops = [_crop(seed) for seed in range(3)]
    together = infer(np.concatenate(crops))["output0"]
    assert together.shape == (3, 128)
    for one, crop in zip(together, crops, strict=True):
        np.testing.assert_allclose(one, infer(crop)["output0"][0], atol=1e-3)


# --- MiniFASNet

# Fused softmax halves on the authors' samples. Source: the released demo, with YuNet's box.
SPOOF = {
    "attack_print.jpg": (0.047, 0.229, 0.724),
    "attack_screen.jpg": (0.0003, 0.002, 0.997),
    "bona_fide.jpg": (0.000, 0.9999, 0.0001),
}


def _liveness_crop(picture: Picture, box: NDArray[np.float64], scale: float) -> Picture:
    """The authors' crop: the box enlarged about its centre, no further than the frame, shifted into it; 80 x 80."""
    height, width = picture.shape[:2]
    x, y, w, h = box
    factor = min((height - 1) / h, (width - 1) / w, scale)
    new = np.array([w, h]) * factor
    start = np.array([x + w / 2, y + h / 2]) - new / 2
    limit = np.array([width - 1, height - 1])
    start = np.clip(start, 0, limit - new)
    left, top = start.astype(int)
    right, bottom = (start + new).astype(int)
    return cv2.resize(picture[top : bottom + 1, left : right + 1], (80, 80)).astype(np.uint8)


def _fused(pack: InstalledPack, opened: Open, picture: Picture, box: NDArray[np.float64], *, rgb: bool) -> Floats:
    total = np.zeros(3)
    models = [model for model in pack.manifest.models if model.kind == "minifasnet"]
    assert len(models) == 2
    for model in models:
        crop = _liveness_crop(picture, box, model.crop_scale)
        logits = opened(model.name)(_nchw(crop[..., ::-1] if rgb else crop))["logits"][0].astype(float)
        powers = np.exp(logits - logits.max())
        total += powers / powers.sum()
    return (total / 2).astype(np.float32)


def _box(assets: Path, picture: Picture) -> NDArray[np.float64]:
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(
        str(assets / "models" / "face_detection_yunet_2023mar.onnx"), "", (width, height), 0.6
    )
    face = max(detector.detect(picture)[1], key=lambda face: float(face[2] * face[3]))
    return face[:4].astype(float)


@pytest.mark.assets
@pytest.mark.parametrize("name", sorted(SPOOF))
def test_minifasnet_judges_the_authors_samples_as_the_authors_do(compact_pack, opened, assets, name: str) -> None:
    picture = cv2.imread(str(assets / "images" / "spoof" / name))
    fused = _fused(compact_pack, opened, picture, _box(assets, picture), rgb=False)
    np.testing.assert_allclose(fused, SPOOF[name], atol=2e-3)


@pytest.mark.assets
def test_minifasnet_on_rgb_takes_attacks_for_people(compact_pack, opened, assets: Path) -> None:
    # Why the order of channels stands in the manifest and is tested: the wrong one opens the door.
    picture = cv2.imread(str(assets / "images" / "spoof" / "attack_screen.jpg"))
    assert _fused(compact_pack, opened, picture, _box(assets, picture), rgb=True)[1] > 0.9


@pytest.mark.parametrize("name", ["minifasnet_v2", "minifasnet_v1se"])
def test_minifasnet_answers_a_batch_as_it_answers_each(opened: Open, name: str) -> None:
    infer = opened(name)
    crops = [_noise(seed, 1, 3, 80, 80) for seed in range(3)]
    together = infer(np.concatenate(crops))["logits"]
    assert together.shape == (3, 3)
    for one, crop in zip(together, crops, strict=True):
        np.testing.assert_allclose(one, infer(crop)["logits"][0], atol=1e-3)


# --- both runtimes


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("yunet", (1, 3, 192, 320)),
        ("mobilefacenet", (2, 3, 112, 112)),
        ("minifasnet_v2", (2, 3, 80, 80)),
        ("minifasnet_v1se", (2, 3, 80, 80)),
    ],
)
def test_both_runtimes_agree_at_f32(compact_pack: InstalledPack, name: str, shape: tuple[int, ...]) -> None:
    model = next(model for model in compact_pack.manifest.models if model.name == name)
    path = compact_pack.path_of(model)
    value = (_noise(7, *shape) - model.input.mean[0] * 255) * model.input.scale / model.input.std[0]
    first, second = _onnxruntime(path)(value.astype(np.float32)), _openvino(path)(value.astype(np.float32))
    assert set(first) == set(second) >= set(model.outputs)
    for output in model.outputs:
        scale = max(1.0, float(np.abs(first[output]).max()))
        np.testing.assert_allclose(first[output] / scale, second[output] / scale, atol=2e-5, err_msg=output)
