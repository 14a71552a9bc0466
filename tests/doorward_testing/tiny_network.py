"""Tiny real ONNX networks, so that inference is tested without the weights of a pack."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Sizes = list[int | str]


def save_affine(path: Path, *, gain: float = 2.0, input_name: str = "input", sizes: Sizes | None = None) -> Path:
    """Saves a network with the outputs `scaled` = gain * input and `mean` = mean of each channel.

    Args:
        path: file to write.
        gain: factor; NaN makes every output NaN.
        input_name: name of its input.
        sizes: of the input; numbers are fixed, names are free. Default ["N", 3, "H", "W"].
    """
    shape = sizes or ["N", 3, "H", "W"]
    nodes = [
        helper.make_node("Mul", [input_name, "gain"], ["scaled"]),
        helper.make_node("ReduceMean", ["scaled"], ["mean"], axes=[2, 3], keepdims=0),
    ]
    outputs = [_value("scaled", shape), _value("mean", shape[:2])]
    return _save(path, nodes, [_value(input_name, shape)], outputs, {"gain": np.array(gain, np.float32)})


def save_embedder(path: Path, *, gain: float, bias: tuple[float, float, float], side_px: int = 8) -> Path:
    """Saves an embedder of three numbers: gain * mean of each channel + bias.

    Args:
        path: file to write.
        gain: factor.
        bias: added; NaN, infinity or zero make a network that has lost its way.
        side_px: side of its crop.
    """
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "gain"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["embedding"]),
    ]
    constants = {"gain": np.array(gain, np.float32), "bias": np.asarray(bias, np.float32)}
    crop: Sizes = ["N", 3, side_px, side_px]
    return _save(path, nodes, [_value("input", crop)], [_value("embedding", ["N", 3])], constants)


def _value(name: str, sizes: Sizes) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: dict[str, np.ndarray],
) -> Path:
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, weights)
    # Opset 13 is the last in which the axes of ReduceMean are an attribute.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path
