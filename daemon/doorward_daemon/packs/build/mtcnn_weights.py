"""Reads the arrays of an MTCNN weight file without trusting it."""

import io
import pickle
from typing import Any

import lz4.frame
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason

# The largest of the three files unpacks to 1.6 MB.
_MAX_UNPACKED_BYTES = 8 * 1024 * 1024
_MAX_ARRAYS = 64


class _StoredArray:
    """Stands in for joblib's array wrapper: the array's bytes follow its description in the stream."""

    stream: io.BytesIO
    values: NDArray[np.float32]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Reads the array that follows.

        Source: joblib numpy_pickle.py (wrapper fields, alignment byte and padding).
        """
        if state["order"] != "C" or np.dtype(state["dtype"]) != np.dtype("<f4"):
            raise pickle.UnpicklingError(f"array of {state['dtype']} in order {state['order']}")
        shape = tuple(int(size) for size in state["shape"])
        if state.get("numpy_array_alignment_bytes"):
            self.stream.read(self.stream.read(1)[0])
        content = self.stream.read(4 * int(np.prod(shape, dtype=np.int64)))
        self.values = np.frombuffer(content, "<f4").reshape(shape).astype(np.float32)


class _ArrayUnpickler(pickle.Unpickler):
    """Knows float arrays and lists of them, nothing else: no name of the file reaches any other code."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        # A class of its own per file, because the unpickler makes the objects and they need the stream.
        self._known: dict[tuple[str, str], object] = {
            ("joblib.numpy_pickle", "NumpyArrayWrapper"): type("StoredArray", (_StoredArray,), {"stream": stream}),
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
        }

    def find_class(self, module: str, name: str) -> object:
        """Looks a name up among the three that such a file needs.

        Raises:
            pickle.UnpicklingError: any other name.
        """
        try:
            return self._known[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name}") from None


def stored_arrays(content: bytes) -> list[NDArray[np.float32]]:
    """Reads all arrays of a `.lz4` file written by joblib.

    Args:
        content: the whole file.

    Returns:
        The arrays in the order they were stored, each float32.

    Raises:
        Conflict: PACK_DAMAGED, the file is not a compressed list of float32 arrays.
    """
    try:
        unpacked = lz4.frame.LZ4FrameDecompressor().decompress(content, max_length=_MAX_UNPACKED_BYTES)
        arrays = _ArrayUnpickler(io.BytesIO(unpacked)).load()
        if not isinstance(arrays, list) or not 0 < len(arrays) <= _MAX_ARRAYS:
            raise pickle.UnpicklingError(f"a {type(arrays).__name__}")
        return [array.values for array in arrays]
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"MTCNN weight file: {error} found, expected a compressed list of float32 arrays; pull the pack again",
            metadata={"found": str(error)},
        ) from error
