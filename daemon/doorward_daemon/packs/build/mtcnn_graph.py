"""Rebuilds the three stages of MTCNN as ONNX graphs."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.starter_graph import GraphSketch, Size

Arrays = Sequence[NDArray[np.float32]]


def pnet(arrays: Arrays) -> onnx.ModelProto:
    """Builds the proposal network, fully convolutional: one cell of 12 px every 2 px.

    Args:
        arrays: the 13 arrays of its weight file.

    Returns:
        Graph with input `input` (1, 3, H, W) and outputs `prob` (1, 2, h, w), softmaxed, and `box` (1, 4, h, w).

    Raises:
        Conflict: PACK_DAMAGED, the arrays are not those of a P-Net.
    """
    stage = _Stage("mtcnn_pnet", arrays)
    body = stage.conv("input", 3, 10, 3)
    body = stage.pool(body, 2)
    body = stage.conv(body, 10, 16, 3)
    body = stage.conv(body, 16, 32, 3)
    stage.conv(body, 32, 4, 1, output="box", activated=False)
    stage.softmax(stage.conv(body, 32, 2, 1, activated=False))
    sizes: tuple[Size, ...] = ("H", "W")
    cells: tuple[Size, ...] = ("h", "w")
    return stage.finish((1, 3, *sizes), {"prob": (1, 2, *cells), "box": (1, 4, *cells)})


def rnet(arrays: Arrays) -> onnx.ModelProto:
    """Builds the refinement network.

    Args:
        arrays: the 16 arrays of its weight file.

    Returns:
        Graph with input `input` (N, 3, 24, 24) and outputs `prob` (N, 2), softmaxed, and `box` (N, 4).

    Raises:
        Conflict: PACK_DAMAGED, the arrays are not those of an R-Net.
    """
    stage = _Stage("mtcnn_rnet", arrays)
    body = stage.conv("input", 3, 28, 3)
    body = stage.pool(body, 3)
    body = stage.conv(body, 28, 48, 3)
    body = stage.pool(body, 3)
    body = stage.conv(body, 48, 64, 2)
    body = stage.dense(body, (64, 3, 3), 128)
    stage.head(body, 128, 4, "box")
    stage.softmax(stage.head(body, 128, 2))
    return stage.finish(("N", 3, 24, 24), {"prob": ("N", 2), "box": ("N", 4)})


def onet(arrays: Arrays) -> onnx.ModelProto:
    """Builds the output network.

    Args:
        arrays: the 21 arrays of its weight file.

    Returns:
        Graph with input `input` (N, 3, 48, 48) and outputs `prob` (N, 2), softmaxed, `box` (N, 4) and
        `landmarks` (N, 10): five x, then five y.

    Raises:
        Conflict: PACK_DAMAGED, the arrays are not those of an O-Net.
    """
    stage = _Stage("mtcnn_onet", arrays)
    body = stage.conv("input", 3, 32, 3)
    body = stage.pool(body, 3)
    body = stage.conv(body, 32, 64, 3)
    body = stage.pool(body, 3)
    body = stage.conv(body, 64, 64, 3)
    body = stage.pool(body, 2)
    body = stage.conv(body, 64, 128, 2)
    body = stage.dense(body, (128, 3, 3), 256)
    stage.head(body, 256, 4, "box")
    stage.head(body, 256, 10, "landmarks")
    stage.softmax(stage.head(body, 256, 2))
    return stage.finish(("N", 3, 48, 48), {"prob": ("N", 2), "box": ("N", 4), "landmarks": ("N", 10)})


class _Stage:
    """One network under construction; takes its weights in the order they were stored.

    Source: mtcnn 1.0.0, network/{pnet,rnet,onet}.py, for the layers, their order and padding.
    """

    def __init__(self, name: str, arrays: Arrays) -> None:
        self._name = name
        self._arrays = list(arrays)
        self._sketch = GraphSketch(name)

    def conv(
        self, source: str, inputs: int, outputs: int, kernel: int, output: str = "", *, activated: bool = True
    ) -> str:
        """Adds an unpadded convolution of stride 1 with its PReLU; kernels are stored (rows, columns, in, out)."""
        weights = self._take(kernel, kernel, inputs, outputs).transpose(3, 2, 0, 1)
        names = [source, self._sketch.weight(weights), self._sketch.weight(self._take(outputs))]
        result = self._sketch.add("Conv", names, output, kernel_shape=[kernel, kernel])
        if not activated:
            return result
        slopes = self._take(1, 1, outputs).reshape(outputs, 1, 1)
        return self._sketch.add("PRelu", [result, self._sketch.weight(slopes)])

    def pool(self, source: str, kernel: int) -> str:
        """Adds a max-pool of stride 2; "same" padding of the original is rounding up here."""
        return self._sketch.add("MaxPool", [source], kernel_shape=[kernel, kernel], strides=[2, 2], ceil_mode=1)

    def dense(self, source: str, shape: tuple[int, int, int], outputs: int) -> str:
        """Adds a fully connected layer with its PReLU; the original flattens (column, row, channel)."""
        channels, rows, columns = shape
        matrix = self._take(channels * rows * columns, outputs)
        matrix = matrix.reshape(columns, rows, channels, outputs).transpose(2, 1, 0, 3).reshape(-1, outputs)
        flat = self._sketch.add("Flatten", [source], axis=1)
        result = self._gemm(flat, matrix, outputs, "")
        return self._sketch.add("PRelu", [result, self._sketch.weight(self._take(outputs))])

    def head(self, source: str, inputs: int, outputs: int, output: str = "") -> str:
        """Adds a fully connected layer without activation."""
        return self._gemm(source, self._take(inputs, outputs), outputs, output)

    def softmax(self, source: str) -> str:
        """Ends the graph's class branch in `prob`: no face, face."""
        return self._sketch.add("Softmax", [source], "prob", axis=1)

    def finish(self, input_shape: Sequence[Size], outputs: dict[str, Sequence[Size]]) -> onnx.ModelProto:
        """Puts the graph together.

        Raises:
            Conflict: PACK_DAMAGED, weights are left over.
        """
        if self._arrays:
            raise self._damaged(f"{len(self._arrays)} arrays more", "none")
        return self._sketch.model("input", input_shape, outputs)

    def _gemm(self, source: str, matrix: NDArray[np.float32], outputs: int, output: str) -> str:
        names = [source, self._sketch.weight(matrix), self._sketch.weight(self._take(outputs))]
        return self._sketch.add("Gemm", names, output)

    def _take(self, *shape: int) -> NDArray[np.float32]:
        array = self._arrays.pop(0) if self._arrays else np.zeros(0, np.float32)
        if array.shape != shape:
            raise self._damaged(f"an array of shape {array.shape}", f"{shape}")
        return array

    def _damaged(self, found: str, expected: str) -> Conflict:
        return Conflict(
            ErrorReason.PACK_DAMAGED,
            f"weights of {self._name}: {found} found, expected {expected}; pull the pack again",
            metadata={"found": found, "expected": expected},
        )
