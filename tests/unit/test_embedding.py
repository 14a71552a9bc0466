"""From the raw output of an embedder to a template, or to a failure, never to a template of nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.errors import Conflict, ErrorReason, Fault
from doorward_daemon.inference import InferenceSettings, Runtime, open_runtime
from doorward_daemon.packs.manifest import ChannelOrder, InstalledPack, ModelRole
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.embedding import Embedder, open_embedder
from doorward_testing.one_model_pack import tiny_entry, tiny_pack
from doorward_testing.tiny_network import save_affine, save_embedder


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return open_runtime(InferenceSettings(runtime="onnxruntime"), None)


def crop(blue: int, green: int, red: int) -> AlignedFace:
    return AlignedFace(np.full((8, 8, 3), (blue, green, red), np.uint8), np.eye(2, 3))


def pack_of(
    folder: Path,
    *,
    gain: float = 1.0,
    bias: tuple[float, float, float] = (0, 0, 0),
    centre: tuple[float, ...] = (),
    dimension: int = 3,
) -> InstalledPack:
    file = save_embedder(folder / "tiny.onnx", gain=gain, bias=bias)
    entry = tiny_entry(file, ModelRole.EMBEDDER, "embedder", outputs=("embedding",))
    return tiny_pack(folder, entry, centre=centre, embedding_dimension=dimension)


def embedder_of(runtime: Runtime, folder: Path, **options: float | tuple[float, ...]) -> Embedder:
    return open_embedder(pack_of(folder, **options), runtime)


def test_a_template_is_the_direction_of_the_output_and_the_norm_its_length(runtime: Runtime, tmp_path: Path):
    found = embedder_of(runtime, tmp_path).embed(crop(30, 0, 40))
    np.testing.assert_allclose(found.template.vector, [0.6, 0, 0.8], atol=1e-6)
    assert found.norm == pytest.approx(50)
    assert found.native_score is None
    assert found.template.embedding_id == "tiny-1"
    assert found.template.precision == "f32"
    assert found.template.vector.dtype == np.float32


def test_the_layout_of_the_manifest_is_applied(runtime: Runtime, tmp_path: Path):
    pack = pack_of(tmp_path)
    entry = pack.manifest.models[0]
    layout = replace(entry.input, channels=ChannelOrder.RGB, scale=0.1, mean=(4, 1, 0), std=(1, 0.5, 2))
    manifest = replace(pack.manifest, models=(replace(entry, input=layout),))
    found = open_embedder(replace(pack, manifest=manifest), runtime).embed(crop(20, 30, 50))
    raw = np.array([(5 - 4) / 1, (3 - 1) / 0.5, (2 - 0) / 2])
    assert found.norm == pytest.approx(np.linalg.norm(raw), rel=1e-5)
    np.testing.assert_allclose(found.template.vector, raw / np.linalg.norm(raw), atol=1e-6)


def test_the_centre_is_taken_from_the_direction_and_the_rest_made_long_again(runtime: Runtime, tmp_path: Path):
    found = embedder_of(runtime, tmp_path, centre=(0.6, 0.0, 0.0)).embed(crop(30, 0, 40))
    np.testing.assert_allclose(found.template.vector, [0, 0, 1], atol=1e-6)
    assert found.norm == pytest.approx(50)


@pytest.mark.parametrize(
    "options",
    [
        {"gain": float("nan")},
        {"bias": (float("inf"), 0.0, 0.0)},
        {"gain": 0.0},
        {"centre": (0.0, 0.0, 1.0)},
    ],
    ids=["nan", "infinity", "zero", "nothing beside the centre"],
)
def test_an_output_without_direction_is_a_failure_and_never_a_template(runtime: Runtime, tmp_path: Path, options):
    with pytest.raises(Fault, match="the embedder tiny gave a vector of length") as caught:
        embedder_of(runtime, tmp_path, **options).embed(crop(0, 0, 40))
    assert caught.value.reason is ErrorReason.INFERENCE_FAILED


def test_one_bad_face_of_many_fails_them_all(runtime: Runtime, tmp_path: Path):
    embedder = embedder_of(runtime, tmp_path)
    with pytest.raises(Fault):
        embedder.embed_many([crop(1, 2, 3), crop(0, 0, 0)])


def test_more_faces_than_one_run_takes_keep_their_order(runtime: Runtime, tmp_path: Path):
    embedder = embedder_of(runtime, tmp_path)
    crops = [crop(1 + number, 100, 0) for number in range(40)]
    found = embedder.embed_many(crops)
    assert [round(embedding.norm**2 - 10_000) for embedding in found] == [(1 + number) ** 2 for number in range(40)]


def test_a_network_of_another_dimension_is_noticed(runtime: Runtime, tmp_path: Path):
    with pytest.raises(Fault, match=r"an output of \(1, 3\), expected \(1, 128\)"):
        embedder_of(runtime, tmp_path, dimension=128).embed(crop(1, 2, 3))


def test_a_crop_of_another_size_is_noticed(runtime: Runtime, tmp_path: Path):
    with pytest.raises(Fault, match=r"found \(1, 3, 9, 9\)"):
        embedder_of(runtime, tmp_path).embed(AlignedFace(np.ones((9, 9, 3), np.uint8), np.eye(2, 3)))


def test_a_pack_without_an_embedder_is_refused(runtime: Runtime, tmp_path: Path):
    file = save_affine(tmp_path / "affine.onnx")
    with pytest.raises(Conflict, match="expected one embedder, found 0") as caught:
        open_embedder(tiny_pack(tmp_path, tiny_entry(file, ModelRole.DETECTOR, "yunet", outputs=())), runtime)
    assert caught.value.reason is ErrorReason.PACK_DAMAGED


def test_a_missing_file_is_a_missing_pack(runtime: Runtime, tmp_path: Path):
    pack = pack_of(tmp_path)
    (tmp_path / "tiny.onnx").unlink()
    with pytest.raises(Conflict) as caught:
        open_embedder(pack, runtime)
    assert caught.value.reason is ErrorReason.PACK_MISSING
