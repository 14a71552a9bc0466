"""A quality head: its file, its place in the embedder's graph, and what is refused."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.head_fusion import add_statistics, fuse_head, remove_head
from doorward_daemon.packs.build.quality_step import add_quality
from doorward_daemon.packs.manifest import ModelEntry, ModelRole, Polarity, QualityOutput
from doorward_daemon.packs.quality_head import OUTPUTS, QualityHead, Statistic, Tap, read_head
from doorward_testing.one_model_pack import tiny_entry

TAPS = (
    Tap("maps", (Statistic.MEAN, Statistic.MAX, Statistic.STD, Statistic.ROWS, Statistic.COLUMNS)),
    Tap("embedding", (Statistic.VALUE,)),
)
WIDTH = 3 * 4 + 4 * 8 + 4 * 8 + 4  # four channels of 8 x 8, a vector of four


def embedder() -> onnx.ModelProto:
    """Four maps of 8 x 8 from a picture of 8 x 8, and their means as the vector."""
    weights = np.random.default_rng(0).normal(size=(4, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["input", "weights"], ["summed"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["summed"], ["maps"]),
        helper.make_node("GlobalAveragePool", ["maps"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
    ]
    ends = [
        helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 8, 8]),
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 4]),
    ]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], [numpy_helper.from_array(weights, "weights")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def head(seed: int = 1, **changes: object) -> QualityHead:
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float16).astype(np.float32)

    plain = QualityHead(
        embedder="embedder",
        embedder_sha256="0" * 64,
        higher_is_better=True,
        taps=TAPS,
        mean=numbers(WIDTH),
        std=np.abs(numbers(WIDTH)) + 0.5,
        hidden=numbers(WIDTH, 5),
        hidden_bias=numbers(5),
        last=numbers(5, 3),
        last_bias=numbers(3),
    )
    return replace(plain, **changes)


def run(model: onnx.ModelProto, crops: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"input": crops}), strict=True))


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(count, 3, 8, 8)).astype(np.float32)


def test_a_head_survives_its_file_and_equal_heads_give_equal_bytes():
    content = head().to_bytes()
    assert content == head().to_bytes()
    found = read_head(content)
    assert (found.embedder, found.higher_is_better, found.taps) == ("embedder", True, TAPS)
    for name in ("mean", "std", "hidden", "hidden_bias", "last", "last_bias"):
        np.testing.assert_array_equal(getattr(found, name), getattr(head(), name))


def test_the_fused_graph_gives_the_vector_bit_for_bit_and_what_the_head_makes_of_the_maps():
    plain, fused, tapped = embedder(), embedder(), embedder()
    fuse_head(fused, head())
    assert add_statistics(tapped, TAPS, "statistics") == WIDTH
    before, after = run(plain, crops(3)), run(fused, crops(3))
    np.testing.assert_array_equal(before["embedding"], after["embedding"])
    inputs = run(tapped, crops(3))["statistics"]
    one = head()
    scaled = np.clip((inputs - one.mean) / one.std, -6, 6)
    expected = np.maximum(scaled @ one.hidden + one.hidden_bias, 0) @ one.last + one.last_bias
    np.testing.assert_allclose(np.concatenate([after[name] for name in OUTPUTS], axis=1), expected, atol=1e-4)


def test_the_statistics_are_what_they_are_called():
    tapped, plain = embedder(), embedder()
    add_statistics(tapped, TAPS[:1], "statistics")
    plain.graph.output.append(helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["N", 4, 8, 8]))
    maps = run(plain, crops(2))["maps"].astype(np.float64)
    std = np.sqrt(maps.var(axis=(2, 3)) + 1e-6)
    parts = [maps.mean(axis=(2, 3)), maps.max(axis=(2, 3)), std, maps.mean(axis=3), maps.mean(axis=2)]
    expected = np.concatenate([part.reshape(2, -1) for part in parts], axis=1)
    np.testing.assert_allclose(run(tapped, crops(2))["statistics"], expected, atol=1e-4)


def test_a_fused_head_can_be_taken_out_again():
    fused = embedder()
    fuse_head(fused, head())
    remove_head(fused)
    assert fused.SerializeToString(deterministic=True) == embedder().SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    "content", [b"", b"not an archive", head().to_bytes()[:-200], onnx.ModelProto().SerializeToString() or b"\0"]
)
def test_what_is_no_head_is_refused(content):
    with pytest.raises(ValueError, match=r"no quality head|expected"):
        read_head(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": np.zeros(WIDTH - 1, np.float32)},
        {"last": np.zeros((5, 2), np.float32)},
        {"std": np.zeros(WIDTH, np.float32)},
        {"hidden_bias": np.full(5, np.nan, np.float32)},
    ],
)
def test_numbers_that_do_not_fit_each_other_are_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        head(**changes)


def built(folder: Path) -> ModelEntry:
    path = folder / "embedder.onnx"
    path.write_bytes(embedder().SerializeToString())
    return tiny_entry(path, ModelRole.EMBEDDER, "embedder", outputs=("embedding",))


def quality_of(content: bytes, **changes: object) -> QualityOutput:
    plain = QualityOutput(
        model="embedder",
        output="quality",
        polarity=Polarity.HIGHER_IS_BETTER,
        mask_output="mask",
        cover_output="cover",
        head="tiny.npz",
        head_sha256=hashlib.sha256(content).hexdigest(),
    )
    return replace(plain, **changes)


def test_the_build_adds_the_head_to_the_embedder_and_leaves_other_models_alone(tmp_path: Path):
    entry = built(tmp_path)
    content = head(embedder_sha256=entry.source_sha256).to_bytes()
    before = (tmp_path / entry.file).read_bytes()
    add_quality(tmp_path / entry.file, replace(entry, name="detector"), quality_of(content), content)
    assert (tmp_path / entry.file).read_bytes() == before
    add_quality(tmp_path / entry.file, entry, quality_of(content), content)
    assert set(run(onnx.load(tmp_path / entry.file), crops(1))) == {"embedding", *OUTPUTS}


@pytest.mark.parametrize("wrong", ["hash", "embedder", "polarity", "shape", "tap", "file"])
def test_a_head_that_does_not_belong_here_is_refused_with_what_is_wrong(tmp_path: Path, wrong: str):
    entry = built(tmp_path)
    good = head(embedder_sha256=entry.source_sha256)
    if wrong == "embedder":
        good = replace(good, embedder_sha256="1" * 64)
    elif wrong == "polarity":
        good = replace(good, higher_is_better=False)
    elif wrong == "shape":
        good = replace(good, taps=TAPS[:1])
    elif wrong == "tap":
        good = replace(good, taps=(Tap("elsewhere", (Statistic.MEAN,)), TAPS[1]))
    content = good.to_bytes() if wrong != "file" else b"something else"
    quality = quality_of(content, **({"head_sha256": "2" * 64} if wrong == "hash" else {}))
    with pytest.raises(Conflict) as refused:
        add_quality(tmp_path / entry.file, entry, quality, content)
    assert refused.value.reason is ErrorReason.PACK_DAMAGED
    assert refused.value.metadata["file"] == "tiny.npz"
    assert "expected" in refused.value.message


def test_a_model_without_the_outputs_its_pack_names_is_refused(tmp_path: Path):
    entry = built(tmp_path)
    with pytest.raises(Conflict, match="outputs"):
        add_quality(tmp_path / entry.file, entry, quality_of(b"", head="", head_sha256=""))
