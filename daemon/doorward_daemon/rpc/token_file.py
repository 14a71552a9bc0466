"""Bearer tokens: one file per role, made on first start, readable by the daemon's user only."""

import os
import secrets
import stat
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.rpc.roles import Role

_TOKEN_BYTES = 32
_SHORTEST = 32


def read_tokens(folder: Path) -> dict[Role, str]:
    """Reads the token of every role and makes the ones that are not there.

    Args:
        folder: <home>/data/tokens; made where it does not exist.

    Raises:
        Conflict: LISTENER_UNAVAILABLE, a file can be read by others, is too short, or cannot be read or made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {role: _read_or_make(folder / f"{role.word}.token") for role in Role}
    except OSError as error:
        raise _unusable(Path(error.filename or folder), f"cannot be used: {error.strerror}") from error


def _read_or_make(path: Path) -> str:
    try:
        return _make(path)
    except FileExistsError:
        return _read(path)


def _make(path: Path) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    # O_EXCL: of two that start at once, one makes the token and the other reads it.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return token


def _read(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise _unusable(path, f"has mode {mode:04o}, so others may have read it; expected 0600")
    token = path.read_text(encoding="ascii", errors="replace").strip()
    if len(token) < _SHORTEST or not token.isascii():
        raise _unusable(path, f"holds no token of at least {_SHORTEST} characters")
    return token


def _unusable(path: Path, problem: str) -> Conflict:
    return Conflict(
        ErrorReason.LISTENER_UNAVAILABLE,
        f"{path}: {problem}; remove the file and start again, a new token will be made",
        metadata={"file": str(path)},
    )
