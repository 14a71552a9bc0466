"""A disk that remembers every write, so that a test can ask what a power cut at any moment would have left."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
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
    """The system's files, with a record of all operations. Creation and deletion count as durable at once.

    A context manager that takes it out of use again.

    Args:
        name: of the VFS.
        is_default: whether every database opened meanwhile lies on it.
        before: what lay on the disk at the beginning, by name.
    """

    def __init__(self, name: str, *, is_default: bool = False, before: Mapping[str, bytes] | None = None) -> None:
        self.name = name
        self.operations: list[Operation] = []
        self._base = apsw.vfs_names()[0]
        self._before = dict(before or {})
        super().__init__(name, self._base, makedefault=is_default)

    def __enter__(self) -> "RecordingDisk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unregister()

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: ANN401, N802 - SQLite's name
        return RecordingFile(self._base, name, flags, self.operations)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        super().xDelete(filename, syncdir)
        self.operations.append(Operation(Path(filename).name, "delete"))

    def cut(self, at: int, seed: int) -> dict[str, bytes]:
        """What lies on the disk when the power goes: `cuts` for one moment."""
        ((_, image),) = self.cuts([at], seed)
        return image

    def cuts(self, moments: Sequence[int], seed: int) -> Iterator[tuple[int, dict[str, bytes]]]:
        """What lies on the disk when the power goes at each of some moments.

        What was synced is there. Of the rest: nothing, everything, a prefix whose last write is torn, or any subset
        torn at sectors.

        Args:
            moments: operations done before each cut.
            seed: decides about what was not synced.

        Yields:
            The moment, and the content of every file by name; in order of time.
        """
        chance = random.Random(seed)
        disk = _Replay(self._before)
        done = 0
        for at in sorted(moments):
            disk.play(self.operations[done:at])
            done = at
            fate = chance.choice(("nothing", "everything", "prefix", "subset"))
            yield at, disk.after({name: _survivors(left, fate, chance) for name, left in disk.pending.items()})

    def every_cut(self, begin: int, end: int) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Every cut of a stretch: at each operation, unsynced writes lost, or there with the last one torn anywhere.

        Which of the unsynced writes went first is what the random cuts are for.

        Args:
            begin: operations done before it.
            end: operations done after it.

        Yields:
            As `cuts`.
        """
        disk = _Replay(self._before)
        disk.play(self.operations[:begin])
        for at in range(begin, end + 1):
            disk.play(self.operations[at - 1 : at] if at > begin else ())
            yield at, disk.after({})
            name = self.operations[at - 1].file if at else ""
            for torn in _torn_everywhere(disk.pending.get(name, [])):
                yield at, disk.after({**disk.pending, name: torn})


class _Replay:
    """What is durable, and what was written since the last sync."""

    def __init__(self, before: Mapping[str, bytes]) -> None:
        self.durable = {name: bytearray(content) for name, content in before.items()}
        self.pending: dict[str, list[Operation]] = defaultdict(list)

    def play(self, operations: Sequence[Operation]) -> None:
        """Lets operations happen."""
        for operation in operations:
            name = operation.file
            if operation.kind == "delete":
                self.durable.pop(name, None)
                self.pending.pop(name, None)
            elif operation.kind == "sync":
                for done in self.pending.pop(name, []):
                    _apply(self.durable.setdefault(name, bytearray()), done)
            else:
                self.pending[name].append(operation)

    def after(self, survivors: Mapping[str, Sequence[Operation]]) -> dict[str, bytes]:
        """The files when only some of the pending operations have reached the disk."""
        image = {name: bytes(content) for name, content in self.durable.items()}
        for name, left in survivors.items():
            content = bytearray(image.get(name, b""))
            for done in left:
                _apply(content, done)
            if left or name in image:
                image[name] = bytes(content)
        return image


def _torn_everywhere(left: Sequence[Operation]) -> Iterator[list[Operation]]:
    if left:
        *whole, last = left
        for end in range(SECTOR_BYTES, len(last.content), SECTOR_BYTES):
            yield [*whole, Operation(last.file, "write", last.offset, last.content[:end])]
        yield list(left)


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
