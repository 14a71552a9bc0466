"""Finds the layers of a dlib network in its file, in forward order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.build.dlib_stream import DlibStream, damaged

# A record is announced by its length-prefixed name; a seven-byte chance hit within the float data is as good as
# impossible, and parsed tensors are skipped anyway. Source: dlib dnn/layers.h.
_NAMES = re.compile(rb"\x01\x05con_[456]|\x01\x07affine_|\x01\x08affine_2|\x01\x04fc_[23]", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class ConvRecord:
    """A convolution."""

    weights: NDArray[np.float32]
    """(filters, channels, rows, columns) float32."""
    bias: NDArray[np.float32]
    """(filters,) float32."""
    stride: int
    """Step in both directions."""
    padding: int
    """Rows and columns of zeros added on every side."""


@dataclass(frozen=True, slots=True, eq=False)
class AffineRecord:
    """A frozen batch normalisation: output = gamma * input + beta per channel."""

    gamma: NDArray[np.float32]
    """(channels,) float32."""
    beta: NDArray[np.float32]
    """(channels,) float32."""


@dataclass(frozen=True, slots=True, eq=False)
class DenseRecord:
    """A fully connected layer without bias: output = input @ matrix."""

    matrix: NDArray[np.float32]
    """(inputs, outputs) float32."""


LayerRecord = ConvRecord | AffineRecord | DenseRecord


def layer_records(content: bytes) -> Iterator[LayerRecord]:
    """Scans a `.dat` file for the records that carry weights.

    Args:
        content: the whole file.

    Yields:
        The records in forward order.

    Raises:
        Conflict: PACK_DAMAGED, a record does not hold what its name promises.
    """
    stream = DlibStream(content)
    while found := _NAMES.search(content, stream.position):
        stream.position = found.start()
        name = stream.text()
        if name.startswith("con_"):
            yield _conv(stream)
        elif name.startswith("affine_"):
            yield _affine(stream)
        else:
            yield _dense(stream)


def _conv(stream: DlibStream) -> ConvRecord:
    params = stream.tensor().ravel()
    filters, rows, columns, stride_y, stride_x, pad_y, pad_x = (stream.integer() for _ in range(7))
    if stride_y != stride_x or pad_y != pad_x or rows != columns:
        raise damaged("a convolution that is not square, expected a square one", stream.position)
    inputs, rest = divmod(params.size - filters, filters * rows * columns)
    if rest or inputs < 1:
        raise damaged(f"{params.size} parameters do not fit {filters} filters of {rows}x{columns}", stream.position)
    weights = params[:-filters].reshape(filters, inputs, rows, columns)
    return ConvRecord(weights, params[-filters:], stride_y, pad_y)


def _affine(stream: DlibStream) -> AffineRecord:
    params = stream.tensor().ravel()
    if params.size % 2:
        raise damaged(f"an affine layer of {params.size} parameters, expected an even number", stream.position)
    gamma, beta = np.split(params, 2)
    return AffineRecord(gamma, beta)


def _dense(stream: DlibStream) -> DenseRecord:
    outputs, inputs = stream.integer(), stream.integer()
    params = stream.tensor().ravel()
    if params.size != outputs * inputs:
        raise damaged(f"{params.size} parameters do not fit {inputs} inputs, {outputs} outputs", stream.position)
    return DenseRecord(params.reshape(inputs, outputs))
