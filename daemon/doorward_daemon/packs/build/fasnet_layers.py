"""The layers of MiniFASNet as ONNX nodes, with every batch normalisation folded into the layer before it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.build.starter_graph import GraphSketch
from doorward_daemon.packs.build.torch_checkpoint import Array

# Default of torch.nn.BatchNorm2d and BatchNorm1d, which the network leaves unchanged.
_EPSILON = 1e-5
_SQUEEZE_FACTOR = 4


class TensorMismatch(Exception):
    """A checkpoint whose tensors are not those of the network.

    Args:
        found: what it holds.
        expected: what the network needs.
    """

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"{found}, expected {expected}")
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvPlan:
    """Shape of a convolution."""

    kernel: int = 1
    """Side of the square kernel."""
    stride: int = 1
    """Step in both directions."""
    depthwise: bool = False
    """Whether each channel is filtered on its own."""
    padded: bool = True
    """Whether kernel // 2 zeros surround the input."""


class FasnetLayers:
    """Adds layers to a sketch, each with its tensors from the checkpoint; remembers which were used.

    Args:
        sketch: where the nodes go.
        tensors: by name, without the leading `module.`.
    """

    def __init__(self, sketch: GraphSketch, tensors: Mapping[str, Array]) -> None:
        self.sketch = sketch
        self._tensors = tensors
        self._used: set[str] = set()

    def conv(self, name: str, value: str, channels: tuple[int, int], plan: ConvPlan, *, slopes: bool = True) -> str:
        """Convolution and batch normalisation, then PReLU with a slope per channel where `slopes` says so.

        Args:
            name: of the layer; its parts are `conv`, `bn` and `prelu`.
            value: what enters.
            channels: how many come in and go out.
            plan: shape of the convolution.
            slopes: whether a PReLU follows.
        """
        value = self._conv(f"{name}.conv", f"{name}.bn", value, channels, plan)
        if not slopes:
            return value
        slope = self._take(f"{name}.prelu.weight", (channels[1],))
        return self.sketch.add("PRelu", [value, self.sketch.weight(slope.reshape(-1, 1, 1))])

    def squeeze(self, name: str, value: str, channels: int) -> str:
        """Squeeze and excitation: each channel scaled by what all channels' means say about it."""
        inner = channels // _SQUEEZE_FACTOR
        mean = self.sketch.add("GlobalAveragePool", [value])
        narrow = self._conv(f"{name}.fc1", f"{name}.bn1", mean, (channels, inner), ConvPlan())
        wide = self._conv(
            f"{name}.fc2", f"{name}.bn2", self.sketch.add("Relu", [narrow]), (inner, channels), ConvPlan()
        )
        return self.sketch.add("Mul", [value, self.sketch.add("Sigmoid", [wide])])

    def dense(self, name: str, value: str, channels: tuple[int, int], *, norm: str = "", output: str = "") -> str:
        """Linear layer without bias, and a batch normalisation named `norm` behind it, empty = none.

        Args:
            name: of the layer.
            value: what enters, (N, in).
            channels: how many come in and go out.
            norm: name of the normalisation.
            output: name of the result, empty = a name is made.
        """
        weights = self._take(f"{name}.weight", channels[::-1])
        bias = np.zeros(channels[1], np.float32)
        if norm:
            weights, bias = self._folded(weights, norm)
        inputs = [value, self.sketch.weight(weights), self.sketch.weight(bias)]
        return self.sketch.add("Gemm", inputs, output, transB=1)

    def check_all_used(self) -> None:
        """Raises TensorMismatch when the checkpoint holds a tensor the network has no place for."""
        rest = sorted(set(self._tensors) - self._used)
        if rest:
            raise TensorMismatch(f"{len(rest)} tensors beside the network's: {', '.join(rest[:3])}", "none")

    def _conv(self, conv: str, norm: str, value: str, channels: tuple[int, int], plan: ConvPlan) -> str:
        entering, leaving = channels
        groups = leaving if plan.depthwise else 1
        weights = self._take(f"{conv}.weight", (leaving, entering // groups, plan.kernel, plan.kernel))
        weights, bias = self._folded(weights, norm)
        padding = plan.kernel // 2 if plan.padded else 0
        return self.sketch.add(
            "Conv",
            [value, self.sketch.weight(weights), self.sketch.weight(bias)],
            kernel_shape=[plan.kernel] * 2,
            strides=[plan.stride] * 2,
            pads=[padding] * 4,
            group=groups,
        )

    def _folded(self, weights: NDArray[np.float32], norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights and bias of a layer with its normalisation within; worked out in float64, rounded once."""
        channels = (len(weights),)
        gamma, beta, mean, variance = (
            self._take(f"{norm}.{part}", channels).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        self._used.add(f"{norm}.num_batches_tracked")  # a count of training, of no meaning here
        factor = gamma / np.sqrt(variance + _EPSILON)
        scaled = weights.astype(np.float64) * factor.reshape(-1, *[1] * (weights.ndim - 1))
        return scaled.astype(np.float32), (beta - mean * factor).astype(np.float32)

    def _take(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        tensor = self._tensors.get(name)
        if tensor is None:
            raise TensorMismatch(f"no tensor {name}", f"one of shape {shape}")
        if tensor.shape != shape or tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise TensorMismatch(f"{name} {tensor.dtype}{tensor.shape}", f"finite float32{shape}")
        self._used.add(name)
        return tensor.astype(np.float32)
