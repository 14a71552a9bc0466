"""Reads the primitive values of dlib's serialisation from bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason

_NEGATIVE = 0x80
_TENSOR_VERSION = 2


def damaged(problem: str, position: int) -> Conflict:
    """The error for bytes that are no dlib network.

    Args:
        problem: what was found and what was expected.
        position: byte offset.
    """
    return Conflict(
        ErrorReason.PACK_DAMAGED,
        f"dlib network file, byte {position}: {problem}; pull the pack again",
        metadata={"position": str(position)},
    )


@dataclass(slots=True)
class DlibStream:
    """A position in dlib-serialised bytes; every read moves it on.

    Source: dlib serialize.h and cuda/tensor.h (integers with a control byte, tensors of version 2).
    """

    content: bytes
    """The whole file."""
    position: int = 0
    """Offset of the next byte to read."""

    def integer(self) -> int:
        """Reads one integer: a control byte (low nibble = length, top bit = sign), then little-endian magnitude.

        Raises:
            Conflict: PACK_DAMAGED, the control byte has another length than 1..8, or the file ends.
        """
        control = self._take(1)[0]
        length = control & 0x0F
        if not 1 <= length <= 8:
            raise damaged(f"an integer of {length} bytes, expected 1 to 8", self.position - 1)
        magnitude = int.from_bytes(self._take(length), "little")
        return -magnitude if control & _NEGATIVE else magnitude

    def text(self) -> str:
        """Reads one string: its length as an integer, then its bytes.

        Raises:
            Conflict: PACK_DAMAGED.
        """
        length = self.integer()
        return bytes(self._take(length)).decode("latin-1")

    def tensor(self) -> NDArray[np.float32]:
        """Reads one tensor.

        Returns:
            (num_samples, k, rows, columns) float32, a copy.

        Raises:
            Conflict: PACK_DAMAGED, another tensor version, or the file ends.
        """
        version = self.integer()
        if version != _TENSOR_VERSION:
            raise damaged(f"a tensor of version {version}, expected {_TENSOR_VERSION}", self.position)
        sizes = tuple(self.integer() for _ in range(4))
        count = int(np.prod(sizes, dtype=np.int64))
        return np.frombuffer(self._take(4 * count), "<f4").reshape(sizes).astype(np.float32)

    def _take(self, length: int) -> memoryview:
        end = self.position + length
        if length < 0 or end > len(self.content):
            raise damaged(f"{length} bytes wanted, {len(self.content) - self.position} left", self.position)
        taken = memoryview(self.content)[self.position : end]
        self.position = end
        return taken
