"""Reads a pickle with the few instructions and names a torch checkpoint needs; every other one is refused unread."""

import io
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

# What protocol 2 needs to write numbers, texts, tuples, lists, dictionaries and the calls of the names below.
# Source: opcodes of pickletools; whatever makes other objects (NEWOBJ, INST, OBJ, EXT, STACK_GLOBAL) is left out.
_INSTRUCTIONS: Final = frozenset(
    (
        *("PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "BINPERSID"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
        *("BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
    )
)


class RefusedPickle(Exception):
    """A pickle that asks for more than a checkpoint may.

    Args:
        found: what it asks for.
        expected: what it may.
    """

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"{found}, expected {expected}")
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True)
class StorageRef:
    """A block of numbers that follows later in the file."""

    key: str
    """Its name."""
    dtype: str
    """numpy's name of its element type, little-endian."""
    numel: int
    """How many numbers."""


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A view on a block of numbers."""

    storage: StorageRef
    """The block."""
    offset: int
    """First number."""
    shape: tuple[int, ...]
    """Sizes."""
    stride: tuple[int, ...]
    """Steps in numbers."""


@dataclass(frozen=True, slots=True)
class _StorageKind:
    dtype: str


@dataclass(frozen=True, slots=True)
class _TensorMaker:
    """Stands for torch._utils._rebuild_tensor_v2; frozen, so that a pickle cannot give it attributes."""

    def __call__(self, *arguments: Any) -> TensorRef:  # noqa: ANN401 - whatever the pickle says
        storage, offset, shape, stride = arguments[:4]
        whole = isinstance(storage, StorageRef) and isinstance(offset, int) and isinstance(shape, tuple)
        if not whole or not isinstance(stride, tuple) or not all(isinstance(n, int) for n in (*shape, *stride)):
            raise RefusedPickle("a tensor of something else", "storage, offset, shape and stride")
        return TensorRef(storage, offset, shape, stride)


_NAMES: Final[dict[str, Any]] = {
    "collections OrderedDict": OrderedDict,
    "torch._utils _rebuild_tensor_v2": _TensorMaker(),
    "torch FloatStorage": _StorageKind("<f4"),
    "torch LongStorage": _StorageKind("<i8"),
}


def read_pickle(content: bytes, start: int) -> tuple[Any, int]:
    """Reads one pickle.

    Args:
        content: of the whole file.
        start: where the pickle begins.

    Returns:
        Its value, and where it ends.

    Raises:
        RefusedPickle: it is none, or asks for an instruction or a name that is not allowed; nothing of it was run.
    """
    end = _inspect(content, start)
    try:
        return _Reader(io.BytesIO(content[start:end])).load(), end
    except (pickle.UnpicklingError, AttributeError, EOFError, LookupError, TypeError, ValueError) as error:
        raise RefusedPickle(f"a broken pickle at byte {start} ({error})", "a torch checkpoint") from error


def _inspect(content: bytes, start: int) -> int:
    stream = io.BytesIO(content)
    stream.seek(start)
    try:
        for instruction, argument, _ in pickletools.genops(stream):
            if instruction.name not in _INSTRUCTIONS:
                raise RefusedPickle(f"the pickle instruction {instruction.name}", "those of a torch checkpoint")
            if instruction.name == "GLOBAL":
                _name(str(argument))
    except ValueError as error:
        raise RefusedPickle(f"no pickle at byte {start} ({error})", "a torch checkpoint") from error
    return stream.tell()


def _name(name: str) -> Any:  # noqa: ANN401 - a class or its stand-in
    if name not in _NAMES:
        raise RefusedPickle(f"a pickle that asks for {name.replace(' ', '.')}", "only tensors and dictionaries")
    return _NAMES[name]


class _Reader(pickle.Unpickler):
    """The second lock on the same door: names and blocks go through here even if `_inspect` overlooked them."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401 - as pickle declares it
        return _name(f"{module_name} {global_name}")

    def persistent_load(self, pid: Any, /) -> StorageRef:  # noqa: ANN401 - as pickle declares it
        if not isinstance(pid, tuple) or len(pid) != 6 or pid[0] != "storage" or pid[5] is not None:
            raise RefusedPickle("an unknown reference", "a whole storage")
        kind, key, numel = pid[1], pid[2], pid[4]
        if not isinstance(kind, _StorageKind) or not isinstance(key, str) or not _is_count(numel):
            raise RefusedPickle("an unknown reference", "a whole storage")
        return StorageRef(key, kind.dtype, numel)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def is_text_list(value: object) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(part, str) for part in value)
