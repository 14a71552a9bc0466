"""The wire contract as protoc sees it: descriptors, and the comments that state what a message promises."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf import descriptor_pb2, text_format

SHELF = Path(__file__).resolve().parents[2] / "proto"
"""The shelf of the contract."""
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "doorward_api.txtpb"
"""The committed descriptor."""
AT_THE_CENTRE = frozenset({"UplinkService", "CentreService"})
"""Services that the centre serves, with roles of its own; the daemon serves the others."""

# Numbers of the fields of FileDescriptorProto, DescriptorProto, EnumDescriptorProto and ServiceDescriptorProto, from
# which protoc makes the paths of comments (descriptor.proto, SourceCodeInfo.Location).
_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_FIELD, _NESTED, _NESTED_ENUM, _ONEOF = 2, 3, 4, 8
_VALUE = _METHOD = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the contract that has a name and should have a comment."""

    kind: str
    """service, rpc, message, field, oneof, enum or value."""
    name: str
    """Full name."""
    comment: str
    """Its comment as one line; empty where there is none."""
    file: str
    """File it stands in."""


@cache
def contract() -> descriptor_pb2.FileDescriptorSet:
    """The files of the contract with their comments, without the imported ones."""
    files = sorted(path.relative_to(SHELF).as_posix() for path in (SHELF / "doorward_api").rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set.pb"
        command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_source_info", f"-o{out}", *files]
        subprocess.run(command, cwd=SHELF, check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def golden_text() -> str:
    """The descriptor as text, without comments: every change of the contract is a change of it."""
    bare = descriptor_pb2.FileDescriptorSet()
    bare.CopyFrom(contract())
    for file in bare.file:
        file.ClearField("source_code_info")
    header = "# Made by `python tests/golden/update.py`; every change of the contract shows here.\n"
    return header + text_format.MessageToString(bare)


def items() -> Iterator[Item]:
    """Everything of the contract that has a name."""
    for file in contract().file:
        yield from _Reader(file).items()


def comment_of(name: str) -> str:
    """The comment of one thing, by full name."""
    return {item.name: item.comment for item in items()}[name]


class _Reader:
    def __init__(self, file: descriptor_pb2.FileDescriptorProto) -> None:
        self._file = file
        self._comments = {
            tuple(place.path): re.sub(r"\s+", " ", place.leading_comments + place.trailing_comments).strip()
            for place in file.source_code_info.location
        }

    def items(self) -> Iterator[Item]:
        package = self._file.package
        for index, service in enumerate(self._file.service):
            yield self._item("service", f"{package}.{service.name}", (_SERVICE, index))
            for number, method in enumerate(service.method):
                name = f"{package}.{service.name}.{method.name}"
                yield self._item("rpc", name, (_SERVICE, index, _METHOD, number))
        for index, message in enumerate(self._file.message_type):
            yield from self._message(message, package, (_MESSAGE, index))
        for index, enum in enumerate(self._file.enum_type):
            yield from self._enum(enum, package, (_ENUM, index))

    def _message(self, message: descriptor_pb2.DescriptorProto, scope: str, path: tuple[int, ...]) -> Iterator[Item]:
        name = f"{scope}.{message.name}"
        yield self._item("message", name, path)
        for index, field in enumerate(message.field):
            yield self._item("field", f"{name}.{field.name}", (*path, _FIELD, index))
        for index, oneof in enumerate(message.oneof_decl):
            if not oneof.name.startswith("_"):  # protoc's own, of optional fields
                yield self._item("oneof", f"{name}.{oneof.name}", (*path, _ONEOF, index))
        for index, nested in enumerate(message.nested_type):
            yield from self._message(nested, name, (*path, _NESTED, index))
        for index, enum in enumerate(message.enum_type):
            yield from self._enum(enum, name, (*path, _NESTED_ENUM, index))

    def _enum(self, enum: descriptor_pb2.EnumDescriptorProto, scope: str, path: tuple[int, ...]) -> Iterator[Item]:
        yield self._item("enum", f"{scope}.{enum.name}", path)
        for index, value in enumerate(enum.value):
            yield self._item("value", f"{scope}.{enum.name}.{value.name}", (*path, _VALUE, index))

    def _item(self, kind: str, name: str, path: tuple[int, ...]) -> Item:
        return Item(kind, name, self._comments.get(path, ""), self._file.name)
