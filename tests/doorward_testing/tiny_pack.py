"""A pack of two tiny real models, to pull, break and mend in milliseconds."""

import hashlib
from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from doorward_daemon.packs.catalogue import parse_recipe
from doorward_daemon.packs.recipe import PackRecipe

FILES = ("tiny_embedder.onnx", "tiny_liveness.onnx")
"""Names of the upstream files; the models are tiny_embedder and tiny_liveness, their files e.onnx and l.onnx."""


def tiny_model(seed: int, n_weights: int = 4096) -> bytes:
    """An ONNX model with input `input` (N, 3, 8, 8) and output `output` (N, 3): means per channel, scaled.

    Args:
        seed: of its weights, so that models differ.
        n_weights: how many unused numbers it carries, to give it size.
    """
    generator = np.random.default_rng(seed)
    weights = [
        numpy_helper.from_array(generator.normal(size=(1, 3, 1, 1)).astype(np.float32), "scale"),
        numpy_helper.from_array(generator.normal(size=n_weights).astype(np.float32), "ballast"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["means"]),
        helper.make_node("Mul", ["means", "scale"], ["scaled"]),
        helper.make_node("Flatten", ["scaled"], ["output"]),
    ]
    ends = [
        helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 8, 8]),
        helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 3]),
    ]
    graph = helper.make_graph(nodes, f"tiny_{seed}", ends[:1], ends[1:], initializer=weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString(deterministic=True)
    onnx.checker.check_model(model)
    return content


def tiny_files() -> dict[str, bytes]:
    """Upstream files of the tiny pack by name."""
    return {name: tiny_model(seed) for seed, name in enumerate(FILES)}


def tiny_recipe(
    files: Mapping[str, bytes], mirrors: tuple[str, ...] = (), *, name: str = "compact", version: str = "1"
) -> PackRecipe:
    """The recipe of a tiny pack.

    Args:
        files: upstream files by name, in the order of FILES.
        mirrors: addresses of folders that serve them.
        name: of the pack.
        version: of the recipe.
    """
    sources = "".join(_source(file, content, mirrors) for file, content in files.items())
    models = _model("tiny_embedder", "embedder", "e.onnx", FILES[0]) + _model(
        "tiny_liveness", "liveness", "l.onnx", FILES[1]
    )
    template = [[2.0, 2.0], [6.0, 2.0], [4.0, 4.0], [2.0, 6.0], [6.0, 6.0]]
    return parse_recipe(f"""
name = "{name}"
version = "{version}"
description = "A tiny pack."
embedding_dimension = 3
[alignment]
size_px = 8
template_px = {template}
[calibration]
thresholds_at_fmr = [[0.01, 0.2], [0.001, 0.3]]
margin = 0.05
similarity_slope = 16.0
duplicate_score = 0.45
outlier_score = 0.15
norm_reference = 10.0
norm_lost = 5.0
norm_weight = 0.0
{sources}{models}""")


def _source(file: str, content: bytes, mirrors: tuple[str, ...]) -> str:
    digest = hashlib.sha256(content).hexdigest()
    urls = [f"{mirror}/{file}" for mirror in mirrors]
    return f'[[sources]]\nname = "{file}"\nsha256 = "{digest}"\nsize_bytes = {len(content)}\nurls = {urls}\n'


def _model(name: str, role: str, file: str, source: str) -> str:
    return f"""
[[models]]
name = "{name}"
role = "{role}"
kind = "{role}"
file = "{file}"
builder = "copy"
made_from = ["{source}"]
licence = "CC0-1.0"
training_data = "none"
input = {{ name = "input", channels = "RGB", height_px = 8, width_px = 8 }}
outputs = ["output"]
"""
