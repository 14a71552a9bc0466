"""Quantising a real convolutional network with the real tool."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.packs.calibration_record import is_quantised
from doorward_export.quantisation import of_one_size, quantise


def save_convolution(path: Path) -> Path:
    """Two convolutions with a clip between, opset 11 as YuNet's file has."""
    draw = np.random.default_rng(3)
    weights = [
        numpy_helper.from_array(draw.normal(size=(8, 3, 3, 3)).astype(np.float32), "w1"),
        numpy_helper.from_array(draw.normal(size=(4, 8, 3, 3)).astype(np.float32), "w2"),
    ]
    nodes = [
        helper.make_node("Conv", ["input", "w1"], ["a"], pads=[1, 1, 1, 1], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="relu"),
        helper.make_node("Conv", ["b", "w2"], ["output"], pads=[1, 1, 1, 1], name="second"),
    ]
    ends = [
        helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 16, 16]),
        helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 4, 16, 16]),
    ]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=8), path)
    return path


@pytest.mark.filterwarnings("ignore")  # of the tool's own libraries
def test_a_quantised_network_computes_in_integers_and_almost_the_same_on_both_runtimes(tmp_path: Path):
    pytest.importorskip("nncf", reason="nncf is not installed here", exc_type=ImportError)
    source, target = save_convolution(tmp_path / "f.onnx"), tmp_path / "q.onnx"
    draw = np.random.default_rng(5)
    inputs = [draw.uniform(-1, 1, (1, 3, 16, 16)).astype(np.float32) for _ in range(24)]
    quantise(source, target, inputs)
    assert is_quantised(target.read_bytes())
    assert not is_quantised(source.read_bytes())
    for name in ("openvino", "onnxruntime"):
        runtime = open_runtime(InferenceSettings(runtime=name), None)
        exact, small = (
            runtime.compile(path, input_name="input", shape=(None, 3, 16, 16)).infer(inputs[0])["output"].ravel()
            for path in (source, target)
        )
        assert 0.99 < float(exact @ small / np.linalg.norm(exact) / np.linalg.norm(small)) < 0.9999999


def test_ranges_are_gathered_over_the_most_frequent_size():
    inputs = [np.zeros((1, 3, side, 8), np.float32) for side in (8, 4, 8, 4, 8)]
    assert [tensor.shape[2] for tensor in of_one_size(inputs)] == [8, 8, 8]
