"""The checkpoint reader takes tensors and nothing else."""

import pickle
import re
import struct
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.builder import BuildRequest
from doorward_daemon.packs.build.minifasnet import build_minifasnet
from doorward_daemon.packs.build.torch_checkpoint import read_checkpoint
from doorward_daemon.packs.build.torch_pickle import RefusedPickle
from doorward_daemon.packs.catalogue import recipes

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}


def _op(code: str, text: str = "") -> bytes:
    return code.encode() + text.encode()


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)


def _tensor(key: str, numel: int, shape: tuple[int, ...], stride: tuple[int, ...], offset: int = 0) -> bytes:
    """A tensor as torch's legacy format writes it: a call of _rebuild_tensor_v2 with a reference to a storage."""
    storage = (
        b"(" + _text("storage") + b"ctorch\nFloatStorage\n" + _text(key) + _text("cpu") + _number(numel) + b"Nt" + b"Q"
    )
    sizes = b"(" + b"".join(map(_number, shape)) + b"t" + b"(" + b"".join(map(_number, stride)) + b"t"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + _number(offset)
        + sizes
        + b"\x89"
        + b"ccollections\nOrderedDict\n)R"
        + b"tR"
    )


def _state(entries: dict[str, bytes]) -> bytes:
    body = b"".join(_text(name) + value for name, value in entries.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + body + b"u."


def _checkpoint(
    state: bytes, storages: dict[str, np.ndarray], *, magic: int = MAGIC, tail: bytes = b"", system: object = SYSTEM
) -> bytes:
    head = [pickle.dumps(value, 2) for value in (magic, PROTOCOL, system)]
    blocks = [struct.pack("<q", len(block)) + block.tobytes() for block in storages.values()]
    return b"".join([*head, state, pickle.dumps(list(storages), 2), *blocks, tail])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "2.7_80x80_MiniFASNetV2.pth"
        path.write_bytes(content)
        return path

    return write


NUMBERS = np.arange(6, dtype="<f4")


def test_tensors_come_out_by_name(write) -> None:
    state = _state({"module.w": _tensor("k", 6, (2, 3), (3, 1)), "module.b": _tensor("k", 6, (2,), (1,), offset=4)})
    tensors = read_checkpoint(write(_checkpoint(state, {"k": NUMBERS})))
    np.testing.assert_array_equal(tensors["module.w"], NUMBERS.reshape(2, 3))
    np.testing.assert_array_equal(tensors["module.b"], [4.0, 5.0])


class _Evil:
    def __init__(self, call: tuple[object, ...]) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_hostile_state_is_refused_before_anything_runs(write, tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "pwned"
    evil = pickle.dumps(OrderedDict(w=_Evil((Path.touch, (trace,)))), protocol)
    with pytest.raises(RefusedPickle):
        read_checkpoint(write(_checkpoint(evil, {})))
    assert not trace.exists()
    pickle.loads(evil)
    assert trace.exists(), "the same bytes do harm in the hands of pickle itself"


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (b"cos\nsystem\n" + _text("true") + b"\x85R", "asks for os.system"),
        (b"cbuiltins\neval\n" + _text("1") + b"\x85R", "asks for builtins.eval"),
        (b"ctorch\nload\n" + _text("x") + b"\x85R", "asks for torch.load"),
        (b"ctorch._utils\n_rebuild_tensor_v2.__class__\n)R", "asks for torch._utils._rebuild_tensor_v2.__class__"),
        (b"ccollections\nOrderedDict.fromkeys\n)R", "asks for collections.OrderedDict.fromkeys"),
        (b"cdoorward_daemon.packs.build.torch_pickle\nread_pickle\n)R", "asks for doorward_daemon"),
        (_text("collections") + _text("OrderedDict") + b"\x93)R", "instruction STACK_GLOBAL"),
        (b"(ios\nsystem\n", "instruction INST"),
        (b"ccollections\nOrderedDict\n)\x81", "instruction NEWOBJ"),
        (b"\x82\x01", "instruction EXT1"),
        (b"Pname\n", "instruction PERSID"),
    ],
)
def test_no_other_name_and_no_other_instruction_is_obeyed(write, call: bytes, why: str) -> None:
    with pytest.raises(RefusedPickle, match=re.escape(why)):
        read_checkpoint(write(_checkpoint(_state({"w": call}), {})))


def test_pickle_cannot_give_attributes_to_what_the_reader_uses(write) -> None:
    # BUILD with a dictionary writes into the object before it: here into the stand-in of _rebuild_tensor_v2.
    spoilt = b"ctorch._utils\n_rebuild_tensor_v2\n}" + _text("dtype") + _text("x") + b"sb"
    with pytest.raises(RefusedPickle):
        read_checkpoint(write(_checkpoint(_state({"w": spoilt}), {})))


WHOLE = _state({"w": _tensor("k", 6, (2, 3), (3, 1))})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 a zip, as newer torch writes",
        _checkpoint(WHOLE, {"k": NUMBERS}, magic=1),
        _checkpoint(WHOLE, {"k": NUMBERS}, system={"little_endian": False}),
        _checkpoint(WHOLE, {"k": NUMBERS})[:-1],
        _checkpoint(WHOLE, {"k": NUMBERS}, tail=b"more"),
        _checkpoint(WHOLE, {"other": NUMBERS}),
        _checkpoint(WHOLE, {"k": NUMBERS[:5]}),
        _checkpoint(_state({"w": _tensor("k", 6, (2, 3), (3, 1), offset=1)}), {"k": NUMBERS}),
        _checkpoint(_state({"w": _tensor("k", 6, (2, 3), (1, 2))}), {"k": NUMBERS}),
        _checkpoint(_state({"w": _tensor("k", 6, (-2, -3), (-3, 1))}), {"k": NUMBERS}),
        _checkpoint(_state({"w": _tensor("k", -1, (), ())}), {"k": NUMBERS}),
        _checkpoint(_state({"w": _tensor("k", 6, (2**31 - 1,) * 3, ((2**31 - 1) ** 2 % 2**31, 1, 1))}), {"k": NUMBERS}),
        _checkpoint(_state({"w": _text("no tensor")}), {}),
        _checkpoint(b"\x80\x02]q\x00.", {}),
    ],
    ids=[
        *("empty", "zip", "magic", "endian", "truncated", "tail", "keys", "short-storage", "offset", "transposed"),
        *("negative-shape", "negative-count", "overflow", "text", "list"),
    ],
)
def test_anything_but_a_whole_checkpoint_is_refused(write, content: bytes) -> None:
    with pytest.raises(RefusedPickle):
        read_checkpoint(write(content))


def test_builder_names_the_file_and_what_it_found(write, tmp_path: Path) -> None:
    path = write(_checkpoint(WHOLE, {"k": NUMBERS}))
    compact = next(recipe for recipe in recipes() if recipe.manifest.name == "compact")
    model = next(model for model in compact.manifest.models if model.name == "minifasnet_v2")
    with pytest.raises(Conflict, match="conv1") as caught:
        build_minifasnet(BuildRequest(model=model, sources={path.name: path}, target=tmp_path / "out.onnx"))
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    assert caught.value.metadata["file"] == path.name
    assert not (tmp_path / "out.onnx").exists()
