"""Fuses a quality head into the graph of its embedder: one run gives the vector and its quality."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from doorward_daemon.packs.quality_head import CLIP, OUTPUTS, QualityHead, Statistic, Tap, width_of

_PREFIX = "doorward_quality_"
_VARIANCE_FLOOR = 1e-6
"""Added under the square root of a variance: the slope of a root is infinite at zero."""


def fuse_head(model: onnx.ModelProto, head: QualityHead) -> None:
    """Adds a head's outputs to a graph; no node, weight or output that is there changes.

    Args:
        model: of the embedder, changed in place.
        head: reads it.

    Raises:
        ValueError: the graph has no such values, or they give another number of inputs than the head has.
    """
    sketch = _Addition(model)
    inputs = sketch.statistics(head.taps)
    found = width_of(head.taps, [sketch.size_of(tap.tensor) for tap in head.taps])
    if found != len(head.mean):
        raise ValueError(f"the embedder gives {found} inputs, the head has {len(head.mean)}")
    centred = sketch.node("Sub", [inputs, sketch.weight("mean", head.mean)])
    scaled = sketch.node("Mul", [centred, sketch.weight("scale", 1.0 / head.std)])
    low, high = (sketch.weight(name, np.array(value, np.float32)) for name, value in (("low", -CLIP), ("high", CLIP)))
    clipped = sketch.node("Clip", [scaled, low, high])
    summed = sketch.node(
        "Gemm", [clipped, sketch.weight("hidden", head.hidden), sketch.weight("hidden_bias", head.hidden_bias)]
    )
    hidden = sketch.node("Relu", [summed])
    for index, name in enumerate(OUTPUTS):
        columns = slice(index, index + 1)
        weights = sketch.weight(f"last_{name}", head.last[:, columns])
        bias = sketch.weight(f"bias_{name}", head.last_bias[columns])
        sketch.output("Gemm", [hidden, weights, bias], name, 1)
    onnx.checker.check_model(model, full_check=True)


def add_statistics(model: onnx.ModelProto, taps: Sequence[Tap], output: str) -> int:
    """Adds what taps read as one output (N, D): what a head is trained on.

    Args:
        model: of the embedder, changed in place.
        taps: what is read.
        output: name of the new output.

    Returns:
        D.

    Raises:
        ValueError: the graph has no such values.
    """
    sketch = _Addition(model)
    width = width_of(taps, [sketch.size_of(tap.tensor) for tap in taps])
    sketch.output("Identity", [sketch.statistics(taps)], output, width)
    return width


def remove_head(model: onnx.ModelProto) -> None:
    """Takes a fused head out again, so that another can be trained on the same embedder.

    Args:
        model: of the embedder, changed in place; one without a head stays as it is.
    """
    graph = model.graph
    fused = [node for node in graph.node if node.name.startswith(_PREFIX)]
    made = {name for node in fused for name in node.output}
    for node in fused:
        graph.node.remove(node)
    for value in [value for value in graph.output if value.name in made]:
        graph.output.remove(value)
    for weight in [weight for weight in graph.initializer if weight.name.startswith(_PREFIX)]:
        graph.initializer.remove(weight)


class _Addition:
    """Nodes added behind those of a graph, under names of their own; all operators have one form in opsets 13 to 21."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._count = 0
        shaped = onnx.shape_inference.infer_shapes(model).graph
        values = [*shaped.value_info, *shaped.output]
        self._sizes = {
            value.name: tuple(size.dim_value for size in value.type.tensor_type.shape.dim)[1:] for value in values
        }

    def size_of(self, tensor: str) -> tuple[int, ...]:
        size = self._sizes.get(tensor, ())
        if not size or not all(size):
            raise ValueError(f"the embedder has no value {tensor} of a known size")
        return size

    def weight(self, name: str, values: NDArray[np.float32]) -> str:
        self._graph.initializer.append(
            numpy_helper.from_array(np.ascontiguousarray(values, np.float32), _PREFIX + name)
        )
        return _PREFIX + name

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: int | Sequence[int]) -> str:
        name = output or f"{_PREFIX}value_{self._count}"
        self._count += 1
        node = helper.make_node(operator, list(inputs), [name], name=f"{_PREFIX}node_{self._count}")
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._graph.node.append(node)
        return name

    def output(self, operator: str, inputs: Sequence[str], name: str, width: int) -> None:
        if name in {value.name for value in self._graph.output}:
            raise ValueError(f"the embedder has an output {name} already")
        self.node(operator, inputs, name)
        batch = self._graph.output[0].type.tensor_type.shape.dim[0].dim_param or "N"
        self._graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, width]))

    def statistics(self, taps: Sequence[Tap]) -> str:
        parts = [self._statistic(tap.tensor, statistic) for tap in taps for statistic in tap.statistics]
        return self.node("Concat", parts, axis=1)

    def _statistic(self, tensor: str, statistic: Statistic) -> str:
        size = self.size_of(tensor)
        if statistic is Statistic.VALUE:
            return tensor
        if len(size) != 3:
            raise ValueError(f"{tensor} of size {size} has no {statistic}")
        if statistic is Statistic.STD:
            return self._std(tensor)
        if statistic is Statistic.ROWS:
            pooled = self.node("AveragePool", [tensor], kernel_shape=[1, size[2]])
        elif statistic is Statistic.COLUMNS:
            pooled = self.node("AveragePool", [tensor], kernel_shape=[size[1], 1])
        else:
            pooled = self.node("GlobalAveragePool" if statistic is Statistic.MEAN else "GlobalMaxPool", [tensor])
        return self.node("Flatten", [pooled], axis=1)

    def _std(self, tensor: str) -> str:
        mean = self.node("GlobalAveragePool", [tensor])
        squares = self.node("GlobalAveragePool", [self.node("Mul", [tensor, tensor])])
        variance = self.node("Relu", [self.node("Sub", [squares, self.node("Mul", [mean, mean])])])
        floor = self.weight(f"floor_{self._count}", np.array(_VARIANCE_FLOOR, np.float32))
        root = self.node("Sqrt", [self.node("Add", [variance, floor])])
        return self.node("Flatten", [root], axis=1)
