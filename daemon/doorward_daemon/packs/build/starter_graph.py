"""Writes the starter pack's networks as ONNX graphs."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# Understood by every ONNX Runtime and OpenVINO version the project allows.
_OPSET = 17
_IR_VERSION = 8

Size = int | str
"""A fixed size, or the name of a dynamic one."""

Attribute = int | float | str | Sequence[int]
"""What an operator is told besides its inputs."""


class GraphSketch:
    """Collects nodes and weights of one graph; names are given in order, so equal sketches give equal bytes.

    Args:
        name: name of the graph.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def weight(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Adds a constant and returns its name."""
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Attribute) -> str:
        """Adds a node with one output and returns the output's name.

        Args:
            operator: ONNX operator.
            inputs: names of its inputs.
            output: name of its output; empty = a name is made.
            **attributes: of the operator.
        """
        name = output or f"value_{len(self._nodes)}"
        node = helper.make_node(operator, list(inputs), [name])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return name

    def model(
        self, input_name: str, input_shape: Sequence[Size], outputs: Mapping[str, Sequence[Size]]
    ) -> onnx.ModelProto:
        """Puts the graph together and checks it.

        Args:
            input_name: name of the only input, float32.
            input_shape: its shape.
            outputs: name and shape of every output, float32.

        Raises:
            onnx.checker.ValidationError: the sketch is no valid graph (a mistake in our code).
        """
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [_value(input_name, input_shape)],
            [_value(name, shape) for name, shape in outputs.items()],
            initializer=self._weights,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION, producer_name="doorward"
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def _value(name: str, shape: Sequence[Size]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
