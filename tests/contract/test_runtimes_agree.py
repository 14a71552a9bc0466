"""The compact pack on both runtimes: the same answers, and those of an independent implementation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.model.face import Detections
from doorward_daemon.model.liveness import LivenessVerdict
from doorward_daemon.packs.manifest import ChannelOrder, InstalledPack
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import DetectionSettings, Detector, open_detector
from doorward_daemon.vision.embedding import Embedder, open_embedder
from doorward_daemon.vision.liveness import LivenessChecker, open_liveness
from doorward_testing.pictures import astronaut, motion_blurred, thirty_astronauts

pytestmark = pytest.mark.models

SPOOFS = {
    "attack_print.jpg": LivenessVerdict.SPOOF,
    "attack_screen.jpg": LivenessVerdict.SPOOF,
    "bona_fide.jpg": LivenessVerdict.LIVE,
}


@dataclass(frozen=True)
class Parts:
    """What one runtime made of the pack."""

    detector: Detector
    aligner: Aligner
    embedder: Embedder
    liveness: LivenessChecker

    def vector(self, picture: np.ndarray, found: Detections, index: int = 0) -> np.ndarray:
        """Template of one of the faces found."""
        return self.embedder.embed(self.aligner.align(picture, found.landmarks_px[index])).template.vector


@pytest.fixture(scope="module")
def both(compact_pack: InstalledPack) -> Iterator[tuple[Parts, Parts]]:
    runtimes = [open_runtime(InferenceSettings(runtime=name), None) for name in ("openvino", "onnxruntime")]
    parts = []
    for runtime in runtimes:
        liveness = open_liveness(compact_pack, runtime)
        assert liveness is not None
        detector = open_detector(compact_pack, runtime, DetectionSettings())
        aligner = Aligner(compact_pack.manifest.alignment)
        parts.append(Parts(detector, aligner, open_embedder(compact_pack, runtime), liveness))
    yield parts[0], parts[1]
    for runtime in runtimes:
        runtime.close()


@pytest.fixture(params=["openvino", "onnxruntime"])
def parts(request: pytest.FixtureRequest, both: tuple[Parts, Parts]) -> Parts:
    return both[request.param == "onnxruntime"]


def demonstration() -> dict[str, np.ndarray]:
    pictures = {
        "plain": astronaut(),
        "small": astronaut(0.3),
        "large": astronaut(3.0),
        "dark": astronaut(brightness=0.5),
        "blurred": motion_blurred(),
        "crowd": thirty_astronauts(),
    }
    return {name: np.asarray(picture)[..., ::-1].copy() for name, picture in pictures.items()}


def read(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None, path
    return picture


def corners(xywh_px: list[float]) -> np.ndarray:
    left, top, width, height = xywh_px
    return np.array([left, top, left + width, top + height])


@pytest.mark.parametrize("name", ["plain", "small", "large", "dark", "blurred", "crowd"])
def test_both_runtimes_see_and_recognise_the_same(both: tuple[Parts, Parts], name: str):
    picture = demonstration()[name]
    one, other = (part.detector.detect(picture) for part in both)
    assert len(one) == len(other) == (30 if name == "crowd" else 1)
    # Thirty equal faces score equally, and which comes first is then a matter of the last bit.
    place = [int(np.argmin(np.abs(other.xyxy_px - box).max(axis=1))) for box in one.xyxy_px]
    assert np.abs(one.xyxy_px - other.xyxy_px[place]).max() < 0.05
    assert np.abs(one.landmarks_px - other.landmarks_px[place]).max() < 0.05
    assert np.abs(one.scores - other.scores).max() < 1e-4
    assert both[0].vector(picture, one) @ both[1].vector(picture, other, place[0]) >= 0.99999
    live, lively = (part.liveness.assess(picture, one.face(0)) for part in both)
    assert live.score == pytest.approx(lively.score, abs=1e-3)
    assert live.verdict == lively.verdict


@pytest.mark.assets
def test_boxes_and_embeddings_are_those_of_the_independent_reference(parts: Parts, assets: Path):
    golden = json.loads((assets / "golden.json").read_text("utf-8"))["images"]
    assert len(golden) > 60
    for name, expected in golden.items():
        picture = read(assets / name)
        found = parts.detector.detect(picture)
        assert len(found) == len(expected["faces"]), name
        boxes = np.array([corners(face["xywh_px"]) for face in expected["faces"]])
        assert np.abs(found.xyxy_px - boxes).max() < 0.1, name
        landmarks = np.array([face["landmarks_px"] for face in expected["faces"]])
        assert np.abs(found.landmarks_px - landmarks).max() < 0.1, name
        assert np.abs(found.scores - [face["score"] for face in expected["faces"]]).max() < 1e-3, name
        reference = np.array(expected["embedding"])
        assert parts.vector(picture, found) @ reference / np.linalg.norm(reference) >= 0.9999, name


@pytest.mark.assets
def test_the_norm_of_an_embedding_is_that_of_the_raw_output(parts: Parts, assets: Path):
    name, expected = next(iter(json.loads((assets / "golden.json").read_text("utf-8"))["images"].items()))
    picture = read(assets / name)
    crop = parts.aligner.align(picture, parts.detector.detect(picture).landmarks_px[0])
    assert parts.embedder.embed(crop).norm == pytest.approx(np.linalg.norm(expected["embedding"]), rel=1e-3)


def test_many_faces_at_once_give_what_each_gives_alone(parts: Parts):
    picture = demonstration()["crowd"]
    found = parts.detector.detect(picture)
    crops = [parts.aligner.align(picture, landmarks) for landmarks in found.landmarks_px]
    together = parts.embedder.embed_many(crops)
    assert len(together) == 30
    for crop, embedding in zip(crops, together, strict=True):
        assert parts.embedder.embed(crop).template.vector @ embedding.template.vector >= 0.99999
    assert parts.embedder.embed_many([]) == []


@pytest.mark.assets
@pytest.mark.parametrize("name", SPOOFS)
def test_the_samples_of_the_authors_are_told_apart(parts: Parts, assets: Path, name: str):
    picture = read(assets / "images" / "spoof" / name)
    found = parts.detector.detect(picture)
    assert parts.liveness.assess(picture, found.face(0)).verdict is SPOOFS[name]


@pytest.mark.assets
def test_liveness_scores_are_those_of_the_authors_networks(parts: Parts, assets: Path):
    # Class real of the less convinced network; test_compact_models compares the sum of both with the authors' figures.
    expected = {"attack_print.jpg": 0.018, "attack_screen.jpg": 0.0005, "bona_fide.jpg": 0.9998}
    for name, score in expected.items():
        picture = read(assets / "images" / "spoof" / name)
        found = parts.liveness.assess(picture, parts.detector.detect(picture).face(0))
        assert found.score == pytest.approx(score, abs=1.5e-3), name


@pytest.mark.assets
@pytest.mark.parametrize("name", ["attack_print.jpg", "attack_screen.jpg"])
def test_the_wrong_channel_order_would_let_both_attacks_through(compact_pack: InstalledPack, assets: Path, name: str):
    """Documents why the order is part of the manifest: with red first both attacks score like living people."""
    manifest = compact_pack.manifest
    swapped = tuple(
        replace(model, input=replace(model.input, channels=ChannelOrder.RGB)) if model.kind == "minifasnet" else model
        for model in manifest.models
    )
    runtime = open_runtime(InferenceSettings(), None)
    wrong = open_liveness(replace(compact_pack, manifest=replace(manifest, models=swapped)), runtime)
    assert wrong is not None
    picture = read(assets / "images" / "spoof" / name)
    face = open_detector(compact_pack, runtime, DetectionSettings()).detect(picture).face(0)
    assert (wrong.assess(picture, face).score or 0) > 0.85
