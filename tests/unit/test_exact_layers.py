"""Which layers keep their exactness when an embedder becomes int8."""

import onnx
import pytest
from onnx import TensorProto, helper

from doorward_export.exact_layers import exact_layers


def chain(layers: int) -> onnx.ModelProto:
    """Convolutions one after the other, and a head that reads the third of them."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("v0", f"v{layers}", "quality")]
    nodes = [
        helper.make_node("Conv", [f"v{place}", "w"], [f"v{place + 1}"], name=f"layer_{place + 1}")
        for place in range(layers)
    ]
    nodes.insert(3, helper.make_node("GlobalAveragePool", ["v3"], ["pooled"]))
    nodes.append(helper.make_node("Gemm", ["pooled", "w"], ["quality"], name="head"))
    return helper.make_model(helper.make_graph(nodes, "chain", ends[:1], ends[1:]))


def test_the_head_and_the_last_two_layers_of_the_vector_stay_exact():
    assert exact_layers(chain(12), "v12") == ["node_3", "head", "layer_11", "layer_12"]


def test_a_network_of_few_layers_keeps_none_but_the_head():
    assert exact_layers(chain(4), "v4") == ["node_3", "head"]


def test_a_vector_that_no_node_makes_is_named():
    with pytest.raises(ValueError, match="no output embedding, only v4, quality"):
        exact_layers(chain(4), "embedding")
