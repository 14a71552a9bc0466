"""The pack's own quality score: from any network, in any unit, pointing either way, to 0..1 where higher is better."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.inference import InferenceSettings, Runtime, open_runtime
from doorward_daemon.packs.manifest import InstalledPack, ModelRole, Polarity, QualityOutput
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.embedding import open_embedder
from doorward_testing.one_model_pack import tiny_entry, tiny_pack
from doorward_testing.tiny_network import save_affine


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return open_runtime(InferenceSettings(runtime="onnxruntime"), None)


def crop(value: int) -> AlignedFace:
    return AlignedFace(np.full((8, 8, 3), value, np.uint8), np.eye(2, 3))


def pack_of(folder: Path, quality: QualityOutput) -> InstalledPack:
    """An embedder whose vector and quality are both the mean of the crop, and a network of its own with twice that."""
    sizes: list[int | str] = ["N", 3, 8, 8]
    files = [save_affine(folder / name, gain=gain, sizes=sizes) for name, gain in (("e.onnx", 1.0), ("q.onnx", 2.0))]
    pack = tiny_pack(
        folder,
        tiny_entry(files[0], ModelRole.EMBEDDER, "embedder", outputs=("mean",)),
        tiny_entry(files[1], ModelRole.QUALITY, "quality", outputs=("mean",)),
    )
    return replace(pack, manifest=replace(pack.manifest, quality=quality))


def score(runtime: Runtime, folder: Path, value: int, **changes: object) -> float:
    quality = QualityOutput(model="e", output="mean", polarity=Polarity.HIGHER_IS_BETTER, midpoint=100.0, slope=0.05)
    embedding = open_embedder(pack_of(folder, replace(quality, **changes)), runtime).embed(crop(value))
    assert embedding.native_score is not None
    return embedding.native_score


def test_the_number_is_mapped_by_midpoint_and_slope(runtime: Runtime, tmp_path: Path):
    assert score(runtime, tmp_path, 100) == pytest.approx(0.5)
    assert score(runtime, tmp_path, 120) == pytest.approx(1 / (1 + np.exp(-1)))
    assert score(runtime, tmp_path, 120, slope=0.1) == pytest.approx(1 / (1 + np.exp(-2)))


def test_a_score_whose_lower_numbers_are_better_is_turned_round(runtime: Runtime, tmp_path: Path):
    one, other = (
        score(runtime, tmp_path, 120, polarity=way) for way in (Polarity.HIGHER_IS_BETTER, Polarity.LOWER_IS_BETTER)
    )
    assert one + other == pytest.approx(1.0)
    assert one > other


def test_a_network_of_its_own_may_give_the_score_of_the_same_crop(runtime: Runtime, tmp_path: Path):
    assert score(runtime, tmp_path, 60, model="q") == pytest.approx(score(runtime, tmp_path, 120))


def test_mask_and_cover_are_shares_where_the_pack_tells_them(runtime: Runtime, tmp_path: Path):
    quality = QualityOutput(model="e", output="mean", polarity=Polarity.HIGHER_IS_BETTER, mask_output="mean")
    found = open_embedder(pack_of(tmp_path, quality), runtime).embed(crop(2))
    assert found.mask_score == pytest.approx(1 / (1 + np.exp(-2)))
    assert found.cover_score is None


def test_an_output_the_network_does_not_have_is_a_failure_not_a_score(runtime: Runtime, tmp_path: Path):
    with pytest.raises(Fault) as failed:
        score(runtime, tmp_path, 1, output="elsewhere")
    assert failed.value.reason is ErrorReason.INFERENCE_FAILED


def test_a_slope_that_would_turn_the_sign_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        QualityOutput(model="e", output="mean", polarity=Polarity.HIGHER_IS_BETTER, slope=-1.0)
