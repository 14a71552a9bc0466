"""The packs' own quality scores: fused without a trace in the vector, never believed when they point the wrong way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import InferenceSettings, Runtime, open_runtime
from doorward_daemon.packs.build.head_fusion import remove_head
from doorward_daemon.packs.manifest import InstalledPack, ModelRole, Polarity, QualityOutput
from doorward_daemon.recognition.opening import JudgingSettings, PackModels
from doorward_daemon.recognition.polarity_check import check_polarity
from doorward_daemon.vision.embedding import open_embedder

pytestmark = pytest.mark.models


@pytest.fixture(scope="module", params=["openvino", "onnxruntime"])
def runtime(request, tmp_path_factory) -> Iterator[Runtime]:
    opened = open_runtime(InferenceSettings(runtime=request.param, threads=1), tmp_path_factory.mktemp("cache"))
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["compact", "starter"])
def pack(request) -> InstalledPack:
    return request.getfixturevalue(f"{request.param}_pack")


def turned_round(pack: InstalledPack) -> InstalledPack:
    quality = pack.manifest.quality
    assert isinstance(quality, QualityOutput)
    return replace(pack, manifest=replace(pack.manifest, quality=replace(quality, polarity=Polarity.LOWER_IS_BETTER)))


def test_a_pack_opens_with_its_score_and_not_with_the_score_turned_round(pack, runtime):
    assert PackModels(pack, runtime, JudgingSettings()).embedder is not None
    with pytest.raises(Conflict) as refused:
        PackModels(turned_round(pack), runtime, JudgingSettings())
    assert refused.value.reason is ErrorReason.PACK_DAMAGED
    assert "polarity" in refused.value.message
    assert "models pull" in refused.value.message


def test_a_score_that_says_the_same_of_everything_is_not_believed(pack, runtime):
    quality = replace(pack.manifest.quality, slope=1e-9)
    flat = replace(pack, manifest=replace(pack.manifest, quality=quality))
    with pytest.raises(Conflict, match="wrong polarity"):
        check_polarity(open_embedder(flat, runtime), flat.manifest)


def test_the_head_leaves_the_vector_as_it_was_bit_for_bit(pack, runtime, tmp_path: Path):
    """Templates enrolled before the head came must go on matching."""
    entry = pack.manifest.of_role(ModelRole.EMBEDDER)[0]
    model = onnx.load(pack.path_of(entry))
    remove_head(model)
    plain = tmp_path / "plain.onnx"
    onnx.save(model, plain)
    shape = (None, 3, entry.input.height_px, entry.input.width_px)
    one, other = (
        runtime.compile(path, input_name=entry.input.name, shape=shape) for path in (plain, pack.path_of(entry))
    )
    crops = np.random.default_rng(0).normal(size=(1, 3, *shape[2:])).astype(np.float32)
    before, after = one.infer(crops), other.infer(crops)
    assert set(after) - set(before) == {"quality", "mask", "cover"}
    np.testing.assert_array_equal(before[entry.outputs[0]], after[entry.outputs[0]])
