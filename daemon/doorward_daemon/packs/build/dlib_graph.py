"""Rebuilds dlib's face recognition network as an ONNX graph."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from doorward_daemon.packs.build.dlib_records import (
    AffineRecord,
    ConvRecord,
    DenseRecord,
    LayerRecord,
    layer_records,
)
from doorward_daemon.packs.build.dlib_stream import damaged
from doorward_daemon.packs.build.starter_graph import GraphSketch

_SIDE_PX = 150


@dataclass(frozen=True, slots=True)
class _Wire:
    """A value of the graph with what its padding depends on."""

    name: str
    channels: int
    side: int


def dlib_network(content: bytes) -> onnx.ModelProto:
    """Builds the 29-convolution residual network from its `.dat` file.

    Args:
        content: the whole file.

    Returns:
        Graph with input `input` (N, 3, 150, 150) and output `embedding` (N, 128), not normalised.

    Raises:
        Conflict: PACK_DAMAGED, the file does not hold such a network.

    Source: dlib examples/dnn_face_recognition_ex.cpp (architecture), dnn/layers.h (padding and sums).
    """
    convs, dense = _folded(list(layer_records(content)))
    sketch = GraphSketch("dlib_resnet")
    body = _stem(sketch, convs[0])
    for first, second in zip(convs[1::2], convs[2::2], strict=True):
        body = _block(sketch, body, first, second)
    pooled = sketch.add("Flatten", [sketch.add("GlobalAveragePool", [body.name])], axis=1)
    sketch.add("MatMul", [pooled, sketch.weight(dense.matrix)], "embedding")
    outputs = {"embedding": ("N", dense.matrix.shape[1])}
    return sketch.model("input", ("N", 3, _SIDE_PX, _SIDE_PX), outputs)


def _folded(records: Sequence[LayerRecord]) -> tuple[list[ConvRecord], DenseRecord]:
    """Folds each affine layer into the convolution before it; convolutions: a stem, then two per block."""
    *pairs, dense = records or [DenseRecord(np.zeros((0, 0), np.float32))]
    if not isinstance(dense, DenseRecord) or len(pairs) % 4 != 2:
        found = ", ".join(type(record).__name__ for record in records[:3])
        raise damaged(f"{len(records)} layers ({found}, ...), expected pairs and a dense one last", 0)
    return [_fold(conv, affine) for conv, affine in zip(pairs[::2], pairs[1::2], strict=True)], dense


def _fold(conv: LayerRecord, affine: LayerRecord) -> ConvRecord:
    if not isinstance(conv, ConvRecord) or not isinstance(affine, AffineRecord):
        raise damaged("a layer out of order, expected a convolution followed by its affine layer", 0)
    gamma = affine.gamma.astype(np.float64)
    return ConvRecord(
        weights=(conv.weights * gamma[:, None, None, None]).astype(np.float32),
        bias=(conv.bias * gamma + affine.beta).astype(np.float32),
        stride=conv.stride,
        padding=conv.padding,
    )


def _conv(sketch: GraphSketch, source: _Wire, conv: ConvRecord) -> _Wire:
    kernel = conv.weights.shape[2]
    name = sketch.add(
        "Conv",
        [source.name, sketch.weight(conv.weights), sketch.weight(conv.bias)],
        kernel_shape=[kernel, kernel],
        strides=[conv.stride, conv.stride],
        pads=[conv.padding] * 4,
    )
    side = (source.side + 2 * conv.padding - kernel) // conv.stride + 1
    return _Wire(name, conv.weights.shape[0], side)


def _relu(sketch: GraphSketch, source: _Wire) -> _Wire:
    return _Wire(sketch.add("Relu", [source.name]), source.channels, source.side)


def _stem(sketch: GraphSketch, conv: ConvRecord) -> _Wire:
    body = _relu(sketch, _conv(sketch, _Wire("input", 3, _SIDE_PX), conv))
    pooled = sketch.add("MaxPool", [body.name], kernel_shape=[3, 3], strides=[2, 2])
    return _Wire(pooled, body.channels, (body.side - 3) // 2 + 1)


def _block(sketch: GraphSketch, source: _Wire, first: ConvRecord, second: ConvRecord) -> _Wire:
    main = _conv(sketch, _relu(sketch, _conv(sketch, source, first)), second)
    shortcut = source
    if first.stride == 2:
        pooled = sketch.add("AveragePool", [source.name], kernel_shape=[2, 2], strides=[2, 2])
        shortcut = _Wire(pooled, source.channels, source.side // 2)
    # dlib sums to the larger size in every dimension; what one side lacks counts as zero.
    channels = max(main.channels, shortcut.channels)
    side = max(main.side, shortcut.side)
    summands = [_padded(sketch, wire, channels, side) for wire in (main, shortcut)]
    return _relu(sketch, _Wire(sketch.add("Add", summands), channels, side))


def _padded(sketch: GraphSketch, wire: _Wire, channels: int, side: int) -> str:
    missing = [0, channels - wire.channels, side - wire.side, side - wire.side]
    if not any(missing):
        return wire.name
    return sketch.add("Pad", [wire.name, sketch.weight(np.array([0] * 4 + missing, np.int64))], mode="constant")
