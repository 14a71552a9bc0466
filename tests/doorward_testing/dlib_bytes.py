"""Writes what dlib would write: integers, tensors and layer records of a small network."""

import numpy as np
from numpy.typing import NDArray


def integer(value: int) -> bytes:
    """One integer: control byte, then the magnitude in as few bytes as it needs."""
    magnitude = abs(value)
    length = max(1, (magnitude.bit_length() + 7) // 8)
    return bytes([length | (0x80 if value < 0 else 0)]) + magnitude.to_bytes(length, "little")


def text(value: str) -> bytes:
    """One string."""
    return integer(len(value)) + value.encode()


def tensor(values: NDArray[np.float32], shape: tuple[int, int, int, int]) -> bytes:
    """One tensor of version 2."""
    sizes = b"".join(integer(size) for size in shape)
    return integer(2) + sizes + values.astype("<f4").tobytes()


def conv_record(weights: NDArray[np.float32], bias: NDArray[np.float32], stride: int, padding: int) -> bytes:
    """One convolution; alias tensors and multipliers follow as in a real file and are not read."""
    filters, _, rows, columns = weights.shape
    params = np.concatenate([weights.ravel(), bias])
    numbers = (filters, rows, columns, stride, stride, padding, padding)
    body = b"".join(integer(number) for number in numbers)
    return text("con_4") + tensor(params, (params.size, 1, 1, 1)) + body + integer(1) + integer(-3)


def affine_record(gamma: NDArray[np.float32], beta: NDArray[np.float32]) -> bytes:
    """One affine layer."""
    params = np.concatenate([gamma, beta])
    return text("affine_") + tensor(params, (2 * gamma.size, 1, 1, 1)) + integer(1) + b"0"


def dense_record(matrix: NDArray[np.float32]) -> bytes:
    """One fully connected layer without bias."""
    inputs, outputs = matrix.shape
    return text("fc_2") + integer(outputs) + integer(inputs) + tensor(matrix, (inputs, outputs, 1, 1))
