"""The reader of dlib's files: integers, tensors, layers in forward order, and damage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.dlib_records import AffineRecord, ConvRecord, DenseRecord, layer_records
from doorward_daemon.packs.build.dlib_stream import DlibStream
from doorward_testing.dlib_bytes import affine_record, conv_record, dense_record, integer, tensor, text

WEIGHTS = np.arange(2 * 3 * 2 * 2, dtype=np.float32).reshape(2, 3, 2, 2)
BIAS = np.array([0.5, -0.5], np.float32)


@given(st.integers(-(2**63), 2**63))
def test_an_integer_reads_back_as_it_was_written(value: int):
    stream = DlibStream(integer(value))
    assert stream.integer() == value
    assert stream.position == len(stream.content)


def test_a_tensor_reads_back_with_its_shape():
    values = np.array([[1.5, -2.0, 3e-8]], np.float32)
    found = DlibStream(tensor(values, (1, 3, 1, 1))).tensor()
    assert found.shape == (1, 3, 1, 1)
    assert np.array_equal(found.ravel(), values.ravel())


def test_layers_come_in_forward_order_with_their_weights_whatever_lies_between():
    content = (
        integer(1) * 40
        + conv_record(WEIGHTS, BIAS, stride=2, padding=0)
        + text("relu_")
        + affine_record(np.array([2.0, 3.0], np.float32), np.array([1.0, 0.0], np.float32))
        + text("add_prev_")
        + dense_record(np.arange(6, dtype=np.float32).reshape(3, 2))
        + b"\x00" * 10
    )
    conv, affine, dense = layer_records(content)
    assert isinstance(conv, ConvRecord)
    assert np.array_equal(conv.weights, WEIGHTS)
    assert np.array_equal(conv.bias, BIAS)
    assert (conv.stride, conv.padding) == (2, 0)
    assert isinstance(affine, AffineRecord)
    assert (affine.gamma.tolist(), affine.beta.tolist()) == ([2.0, 3.0], [1.0, 0.0])
    assert isinstance(dense, DenseRecord)
    assert dense.matrix.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]


def test_a_record_name_among_the_floats_of_a_tensor_is_not_a_record():
    values = np.frombuffer(text("affine_") + bytes(7), "<f4")
    assert [type(layer) for layer in layer_records(dense_record(values.reshape(2, 2)))] == [DenseRecord]


@pytest.mark.parametrize("length", range(9, 40))
def test_a_file_cut_anywhere_in_a_record_is_damaged(length: int):
    content = conv_record(WEIGHTS, BIAS, stride=1, padding=1)
    with pytest.raises(Conflict) as refused:
        list(layer_records(content[:length]))
    assert refused.value.reason is ErrorReason.PACK_DAMAGED


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (text("con_4") + integer(3), "version 3"),
        (text("con_4") + b"\x00", "0 bytes"),
        (text("fc_2") + integer(5) + integer(5) + tensor(BIAS, (2, 1, 1, 1)), "do not fit"),
        (text("affine_") + tensor(BIAS[:1], (1, 1, 1, 1)), "even number"),
    ],
)
def test_what_is_no_layer_is_refused_with_what_was_found(content: bytes, told: str):
    with pytest.raises(Conflict, match=told):
        list(layer_records(content))
