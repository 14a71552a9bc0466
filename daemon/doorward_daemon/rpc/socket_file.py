"""The file of a Unix socket: a path that fits, nobody else behind it, and never open to more than its group."""

import errno
import grp
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason, FieldProblem, InvalidInput

LONGEST_PATH_BYTES = 107
"""Linux keeps 108 bytes for the path of a socket, the last of which is zero (unix(7))."""

_MODE = 0o660


@dataclass(frozen=True, slots=True)
class SocketFile:
    """Where a socket is to be, and which group may open it."""

    path: Path
    """The file."""
    group: str = ""
    """Name of the group; empty leaves the group of the daemon's user."""

    def prepare(self) -> None:
        """Makes room for the socket: removes what a killed daemon left behind.

        Raises:
            InvalidInput: CONFIG_INVALID, the path is too long or the group is not known.
            Conflict: LISTENER_UNAVAILABLE, someone answers there, or something else is in the way.
        """
        self._check_length()
        self._group_id()
        try:
            kind = self.path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(kind):
            raise self._unavailable("is in the way and is no socket; remove it")
        if _is_answered(self.path):
            raise self._unavailable(
                "is served by another process; stop it, or set DOORWARD_HOME to a folder of its own"
            )
        self.path.unlink(missing_ok=True)

    def bind(self, listen: Callable[[str], object]) -> int:
        """Has the socket made and gives it to its group.

        Nobody but the daemon's user can open it before it has its group and mode: it is made under a mask.

        Args:
            listen: makes the socket at a gRPC address.

        Returns:
            Number of the file's inode, to recognise it by.

        Raises:
            Conflict: LISTENER_UNAVAILABLE.
        """
        # 0077, not 0117: a folder that another thread makes in this moment keeps the bits its owner needs.
        mask = os.umask(0o077)
        try:
            listen(f"unix:{self.path}")
        except (RuntimeError, OSError) as error:
            raise self._unavailable(f"cannot be opened: {error}; is its folder there and writable?") from error
        finally:
            os.umask(mask)
        try:
            if self.group:
                os.chown(self.path, -1, self._group_id())
            self.path.chmod(_MODE)
            return self.path.stat().st_ino
        except OSError as error:
            problem = f"cannot be given to group {self.group or 'of the daemon'}: {error.strerror}"
            raise self._unavailable(f"{problem}; the daemon's user must be a member of it") from error

    def remove(self, inode: int) -> None:
        """Removes the socket, if it is still the one that was bound."""
        try:
            if self.path.lstat().st_ino == inode:
                self.path.unlink()
        except FileNotFoundError:
            return

    def _group_id(self) -> int:
        if not self.group:
            return -1
        try:
            return grp.getgrnam(self.group).gr_gid
        except KeyError as error:
            problem = FieldProblem(
                f"rpc.{self.path.stem}_group", f"expected a group of this system, found {self.group!r}"
            )
            raise InvalidInput(
                ErrorReason.CONFIG_INVALID,
                f"{problem.field}: {problem.problem}; make the group or leave the setting empty",
                problems=[problem],
            ) from error

    def _check_length(self) -> None:
        length = len(os.fsencode(self.path))
        if length > LONGEST_PATH_BYTES:
            raise InvalidInput(
                ErrorReason.CONFIG_INVALID,
                f"{self.path}: the path of this socket has {length} bytes, the system allows {LONGEST_PATH_BYTES}; "
                "set DOORWARD_HOME to a shorter path",
                metadata={"path": str(self.path), "length": str(length), "limit": str(LONGEST_PATH_BYTES)},
            )

    def _unavailable(self, problem: str) -> Conflict:
        return Conflict(
            ErrorReason.LISTENER_UNAVAILABLE, f"{self.path}: the socket {problem}", metadata={"address": str(self.path)}
        )


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)  # a full backlog says EAGAIN at once: somebody is there
        found = probe.connect_ex(str(path))
    return found not in (errno.ECONNREFUSED, errno.ENOENT)
