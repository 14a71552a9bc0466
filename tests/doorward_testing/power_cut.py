"""A disk that remembers every write, so that a test can ask what a power cut at any moment would have left."""

import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR_BYTES = 512
"""What a disk writes whole or not at all."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was asked of the disk."""

    file: str
    """Name of the file, without its folder."""
    kind: str
    """`write`, `truncate`, `sync` or `delete`."""
    offset: int = 0
    """Where it was written, or the new length."""
    content: bytes = b""
    """What was written."""


class RecordingFile(apsw.VFSFile):
    """A file that reports what is asked of it."""

    def __init__(self, base: str, name: Any, flags: list[int], operations: list[Operation]) -> None:  # noqa: ANN401
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._operations = operations
        super().__init__(base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._operations.append(Operation(self._name, "write", offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self._operations.append(Operation(self._name, "truncate", newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        super().xSync(flags)
        self._operations.append(Operation(self._name, "sync"))


class RecordingDisk(apsw.VFS):
    """The system's files, with a record of all operations. Creation and deletion count as durable at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: ANN401, N802 - SQLite's name
        return RecordingFile("", name, flags, self.operations)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        super().xDelete(filename, syncdir)
        self.operations.append(Operation(Path(filename).name, "delete"))

    def cut(self, at: int, seed: int) -> dict[str, bytes]:
        """What lies on the disk when the power goes.

        What was synced is there. Of the rest: nothing, everything, a prefix whose last write is torn, or any subset
        torn at sectors.

        Args:
            at: operations done before the cut.
            seed: decides about what was not synced.

        Returns:
            Content of every file, by name.
        """
        chance = random.Random(seed)
        durable: dict[str, bytearray] = {}
        pending: dict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations[:at]:
            name = operation.file
            if operation.kind == "delete":
                durable.pop(name, None)
                pending.pop(name, None)
            elif operation.kind == "sync":
                for done in pending.pop(name, []):
                    _apply(durable.setdefault(name, bytearray()), done)
            else:
                pending[name].append(operation)
        fate = chance.choice(("nothing", "everything", "prefix", "subset"))
        for name, left in pending.items():
            for done in _survivors(left, fate, chance):
                _apply(durable.setdefault(name, bytearray()), done)
        return {name: bytes(content) for name, content in durable.items()}


def _survivors(left: list[Operation], fate: str, chance: random.Random) -> list[Operation]:
    if fate == "nothing":
        return []
    if fate == "everything":
        return left
    if fate == "prefix":
        kept = left[: chance.randint(0, len(left))]
        return [*kept[:-1], *_torn(kept[-1], chance, prefix=True)] if kept else []
    return [piece for one in left if chance.random() < 0.5 for piece in _torn(one, chance, prefix=False)]


def _torn(operation: Operation, chance: random.Random, *, prefix: bool) -> list[Operation]:
    if operation.kind != "write":
        return [operation]
    starts = range(0, len(operation.content), SECTOR_BYTES)
    kept = starts[: chance.randint(0, len(starts))] if prefix else [start for start in starts if chance.random() < 0.7]
    return [
        Operation(operation.file, "write", operation.offset + start, operation.content[start : start + SECTOR_BYTES])
        for start in kept
    ]


def _apply(content: bytearray, operation: Operation) -> None:
    end = operation.offset + len(operation.content)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    if operation.kind == "truncate":
        del content[operation.offset :]
    else:
        content[operation.offset : end] = operation.content


def write_image(image: dict[str, bytes], folder: Path) -> None:
    """Puts the content of a cut into a folder."""
    folder.mkdir(parents=True)
    for name, content in image.items():
        (folder / name).write_bytes(content)
