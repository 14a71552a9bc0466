"""Reads a checkpoint in torch's legacy format (before 1.6) without torch.

Layout: four pickles (magic number, protocol, system, state), a pickled list of storage keys, then for each key the
number of its elements as int64 and the elements. Source: torch/serialization.py, _legacy_save.
"""

import math
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.build.torch_pickle import RefusedPickle, StorageRef, TensorRef, is_text_list, read_pickle

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_COUNT = struct.Struct("<q")

Array = NDArray[np.float32] | NDArray[np.int64]


def read_checkpoint(path: Path) -> dict[str, Array]:
    """Reads all tensors of a state dictionary.

    Args:
        path: the file; its hash has been checked.

    Returns:
        Tensors by name, read-only.

    Raises:
        RefusedPickle: it is no such checkpoint, or asks for anything but tensors.
    """
    content = path.read_bytes()
    state, position = _read_header(content)
    storages = _read_storages(content, position, {ref.storage.key: ref.storage for ref in state.values()})
    return {name: _view(ref, storages[ref.storage.key]) for name, ref in state.items()}


def _read_header(content: bytes) -> tuple[dict[str, TensorRef], int]:
    magic, position = read_pickle(content, 0)
    protocol, position = read_pickle(content, position)
    if (magic, protocol) != (_MAGIC, _PROTOCOL):
        raise RefusedPickle("another format", "a legacy torch checkpoint")
    system, position = read_pickle(content, position)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise RefusedPickle("big-endian numbers", "little-endian ones")
    state, position = read_pickle(content, position)
    if not isinstance(state, dict) or not all(_is_entry(name, value) for name, value in state.items()):
        raise RefusedPickle("something beside tensors", "a dictionary of tensors by name")
    return dict(state), position


def _is_entry(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, TensorRef)


def _read_storages(content: bytes, position: int, wanted: Mapping[str, StorageRef]) -> dict[str, Array]:
    keys, position = read_pickle(content, position)
    if not is_text_list(keys) or set(keys) != set(wanted):
        raise RefusedPickle("other storages than its tensors need", "exactly those")
    storages: dict[str, Array] = {}
    for key in keys:
        ref = wanted[key]
        end = position + _COUNT.size + ref.numel * np.dtype(ref.dtype).itemsize
        if end > len(content) or _COUNT.unpack_from(content, position) != (ref.numel,):
            raise RefusedPickle(f"a storage that does not fit at byte {position}", f"{ref.numel} numbers")
        storages[key] = np.frombuffer(content, ref.dtype, ref.numel, position + _COUNT.size)
        position = end
    if position != len(content):
        raise RefusedPickle(f"{len(content) - position} bytes after its last storage", "its end")
    return storages


def _view(ref: TensorRef, storage: Array) -> Array:
    # The files we read hold plain row-major tensors; strides that overlap or run backwards have no business there.
    count = math.prod(ref.shape)
    plain = tuple(math.prod(ref.shape[axis + 1 :]) for axis in range(len(ref.shape)))
    if ref.stride != plain or min((0, *ref.shape)) < 0 or not 0 <= ref.offset <= len(storage) - count:
        raise RefusedPickle(f"a tensor {ref.shape} with steps {ref.stride}", "a plain one within its storage")
    return storage[ref.offset : ref.offset + count].reshape(ref.shape)
