"""The rebuilt dlib network against its own arithmetic written out: padding, unequal sums, folded affine layers."""

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.dlib_graph import dlib_network
from doorward_testing.dlib_bytes import affine_record, conv_record, dense_record

Array = NDArray[np.float64]


class Layers:
    """Random layers, kept as numbers and as the bytes dlib would write."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(5)
        self.content = b""
        self.convs: list[tuple[Array, Array, Array, Array, int, int]] = []

    def conv(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        padding = 0 if stride == 2 else kernel // 2
        weights = self.random.normal(size=(outputs, inputs, kernel, kernel)).astype(np.float32) / kernel
        bias, gamma, beta = (self.random.normal(size=outputs).astype(np.float32) for _ in range(3))
        self.content += conv_record(weights, bias, stride, padding) + affine_record(gamma, beta)
        self.convs.append((*(part.astype(np.float64) for part in (weights, bias, gamma, beta)), stride, padding))

    def dense(self, inputs: int, outputs: int) -> None:
        self.matrix = self.random.normal(size=(inputs, outputs)).astype(np.float32)
        self.content += dense_record(self.matrix)


def convolve(source: Array, layer: tuple[Array, Array, Array, Array, int, int]) -> Array:
    weights, bias, gamma, beta, stride, padding = layer
    padded = np.pad(source, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    summed = np.einsum("cyxij,ocij->oyx", windows, weights) + bias[:, None, None]
    return summed * gamma[:, None, None] + beta[:, None, None]


def add_as_dlib(one: Array, other: Array) -> Array:
    total = np.zeros(np.maximum(one.shape, other.shape))
    for part in (one, other):
        total[: part.shape[0], : part.shape[1], : part.shape[2]] += part
    return total


def pool(source: Array, kernel: int) -> Array:
    return np.lib.stride_tricks.sliding_window_view(source, (kernel, kernel), axis=(1, 2))[:, ::2, ::2]


def written_out(picture: Array, layers: Layers) -> Array:
    body = pool(np.maximum(convolve(picture, layers.convs[0]), 0), 3).max(axis=(3, 4))
    for first, second in zip(layers.convs[1::2], layers.convs[2::2], strict=True):
        main = convolve(np.maximum(convolve(body, first), 0), second)
        shortcut = pool(body, 2).mean(axis=(3, 4)) if first[4] == 2 else body
        body = np.maximum(add_as_dlib(main, shortcut), 0)
    return body.mean(axis=(1, 2)) @ layers.matrix


@pytest.fixture(scope="module")
def layers() -> Layers:
    made = Layers()
    made.conv(3, 4, 7, 2)
    made.conv(4, 4, 3, 1)
    made.conv(4, 4, 3, 1)
    for inputs, outputs in ((4, 6), (6, 6), (6, 7), (7, 7)):  # sides 35, 17, 8, 4, 2: main and shortcut differ
        made.conv(inputs, outputs, 3, 2)
        made.conv(outputs, outputs, 3, 1)
    made.dense(7, 5)
    return made


def test_the_graph_computes_what_dlib_computes_for_any_number_of_crops(layers: Layers):
    pictures = np.random.default_rng(6).normal(size=(3, 3, 150, 150)).astype(np.float32)
    session = onnxruntime.InferenceSession(dlib_network(layers.content).SerializeToString())
    (found,) = session.run(["embedding"], {"input": pictures})
    expected = np.stack([written_out(picture.astype(np.float64), layers) for picture in pictures])
    assert found.shape == (3, 5)
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_the_same_file_gives_the_same_bytes(layers: Layers):
    first, second = (dlib_network(layers.content).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("cut", ["nothing", "dense", "affine"])
def test_a_file_without_the_expected_layers_is_damaged(layers: Layers, cut: str):
    content = {
        "nothing": b"",
        "dense": layers.content[: layers.content.rindex(b"fc_2") - 2],
        "affine": layers.content[: layers.content.index(b"affine_") - 2] + layers.content[-200:],
    }[cut]
    with pytest.raises(Conflict) as refused:
        dlib_network(content)
    assert refused.value.reason is ErrorReason.PACK_DAMAGED
