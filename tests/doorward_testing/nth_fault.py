"""A disk on which the n-th operation of a kind goes wrong, and which remembers what was asked of it afterwards."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import apsw

Kind = Literal["write", "short write", "no room", "sync", "truncate", "open", "read", "short read"]
KINDS: tuple[Kind, ...] = ("write", "short write", "no room", "sync", "truncate", "open", "read", "short read")
"""What can go wrong."""
_CALLS = {"short write": "write", "no room": "write", "short read": "read"}
"""The call that is counted, where it has another name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked of the disk."""

    call: str
    """`write`, `sync`, `truncate`, `open` or `read`."""
    file: str
    """Name of the file, without its folder."""


class NthFault(apsw.VFS):
    """The system's files, but for one fault. Every database opened meanwhile lies on it. A context manager.

    Args:
        kind: what goes wrong.
        number: at which call of that kind, from 1.
        lasting: whether every later call goes wrong, too; a disk that fails once is the more treacherous one.
    """

    NAME = "doorward-nth-fault"

    def __init__(self, kind: Kind, number: int, *, lasting: bool) -> None:
        self._base = apsw.vfs_names()[0]
        self._kind = kind
        self._call = _CALLS.get(kind, kind)
        self._left = number
        self._is_lasting = lasting
        self.failed_at: Asked | None = None
        """What went wrong first; None while nothing did."""
        self.since: list[Asked] = []
        """What was asked after that."""
        super().__init__(self.NAME, self._base, makedefault=True)

    def __enter__(self) -> "NthFault":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unregister()

    def is_due(self, call: str, file: str) -> bool:
        """Counts a call; whether it is the one that goes wrong."""
        asked = Asked(call, file)
        if self.failed_at is not None:
            self.since.append(asked)
            return self._is_lasting and call == self._call
        if call != self._call:
            return False
        self._left -= 1
        if self._left == 0:
            self.failed_at = asked
        return self._left == 0

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: ANN401, N802 - SQLite's name
        """Opens a file of this disk."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if self.is_due("open", Path(path).name if path else ""):
            raise apsw.CantOpenError("the file cannot be opened (test)")
        return _File(self._base, name, flags, self)

    @property
    def kind(self) -> Kind:
        """What goes wrong."""
        return self._kind


class _File(apsw.VFSFile):
    def __init__(self, base: str, name: Any, flags: list[int], disk: NthFault) -> None:  # noqa: ANN401
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._disk = disk
        super().__init__(base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        if self._disk.is_due("write", self._name):
            if self._disk.kind != "write":
                super().xWrite(bytes(data)[: len(data) // 2], offset)
            raise apsw.FullError("no room (test)") if self._disk.kind == "no room" else _error("IOERR_WRITE")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        if self._disk.is_due("sync", self._name):
            raise _error("IOERR_FSYNC")
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        if self._disk.is_due("truncate", self._name):
            raise _error("IOERR_TRUNCATE")
        super().xTruncate(size)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's name
        if self._disk.is_due("read", self._name):
            if self._disk.kind == "read":
                raise _error("IOERR_READ")
            return bytes(super().xRead(amount, offset))[: amount // 2]
        return bytes(super().xRead(amount, offset))


def _error(name: str) -> apsw.IOError:
    error = apsw.IOError(f"{name} (test)")
    error.extendedresult = getattr(apsw, f"SQLITE_{name}")  # type: ignore[attr-defined]
    return error
