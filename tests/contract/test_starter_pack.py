"""The starter pack as installed: the same numbers as dlib itself, on both runtimes."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.inference import InferenceSettings, Runtime, open_runtime
from doorward_daemon.packs.catalogue import catalogue
from doorward_daemon.packs.manifest import InstalledPack, ModelRole, PackManifest
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import DetectionSettings, open_detector
from doorward_daemon.vision.embedding import open_embedder
from doorward_daemon.vision.picture import PictureSettings, decode_picture

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "dlib_descriptor.json"


@pytest.fixture(scope="module")
def starter() -> PackManifest:
    return next(manifest for manifest in catalogue() if manifest.name == "starter")


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def runtime(request) -> Iterator[Runtime]:
    opened = open_runtime(InferenceSettings(runtime=request.param), None)
    yield opened
    opened.close()


def test_every_model_states_licence_origin_and_training_data(starter: PackManifest):
    assert {model.licence for model in starter.models} == {"MIT", "CC0-1.0"}
    assert all(model.sources and len(model.training_data) > 40 for model in starter.models)


def test_the_pack_has_a_centre_of_its_dimension_and_no_liveness(starter: PackManifest):
    assert len(starter.centre) == starter.embedding_dimension == 128
    assert starter.of_role(ModelRole.LIVENESS) == ()


def test_thresholds_rise_as_false_matches_get_rarer(starter: PackManifest):
    rates, scores = zip(*starter.calibration.thresholds_at_fmr, strict=True)
    assert list(rates) == sorted(rates, reverse=True)
    assert list(scores) == sorted(scores)


@pytest.mark.models
def test_the_descriptor_is_the_one_dlib_computes(starter_pack: InstalledPack, runtime: Runtime):
    model = starter_pack.manifest.of_role(ModelRole.EMBEDDER)[0]
    rows, columns = np.mgrid[0:150, 0:150]
    picture = np.stack([(rows + columns) % 256, 2 * rows % 256, 3 * columns % 256]).astype(np.float32)
    mean = np.array(model.input.mean, np.float32)[:, None, None]
    std = np.array(model.input.std, np.float32)[:, None, None]
    compiled = runtime.compile(starter_pack.path_of(model), input_name="input", shape=(None, 3, 150, 150))
    found = compiled.infer(np.stack([np.zeros_like(picture), (picture - mean) / std]))["embedding"]
    expected = json.loads(GOLDEN.read_text("utf-8"))["descriptor"]
    assert np.abs(found[1] - expected).max() < 5e-6


@pytest.mark.models
@pytest.mark.assets
def test_six_people_are_told_apart_at_the_packs_own_threshold(
    starter_pack: InstalledPack, runtime: Runtime, assets: Path
):
    detector = open_detector(starter_pack, runtime, DetectionSettings())
    aligner = Aligner(starter_pack.manifest.alignment)
    embedder = open_embedder(starter_pack, runtime)
    people, vectors = [], []
    for photo in sorted((assets / "faces").glob("*/*.jpg")):
        bgr_hwc = decode_picture(photo.read_bytes(), PictureSettings()).bgr_hwc
        face = detector.detect(bgr_hwc).largest_first()[0]
        vectors.append(embedder.embed(aligner.align(bgr_hwc, face.landmarks_px)).template.vector)
        people.append(photo.parent.name)
    scores = np.stack(vectors) @ np.stack(vectors).T
    one, other = np.triu_indices(len(people), 1)
    same = np.array(people)[one] == np.array(people)[other]
    genuine, impostor = scores[one, other][same], scores[one, other][~same]
    threshold = dict(starter_pack.manifest.calibration.thresholds_at_fmr)[1e-3]
    assert (genuine < threshold).mean() <= 0.08
    assert (impostor >= threshold).mean() <= 1e-3
