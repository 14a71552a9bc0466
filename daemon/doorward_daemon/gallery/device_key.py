"""The device key: one file that alone opens the keys of the subjects."""

import os
import secrets
import stat
from pathlib import Path

from doorward_daemon.storage import file_error, unusable
from doorward_daemon.storage.durable import sync_folder

KEY_BYTES = 32
"""AES-256."""


def load_device_key(path: Path, *, may_create: bool) -> bytes:
    """Reads the device key, and makes one where there is none yet.

    The file (mode 0600, in a folder of mode 0700) keeps templates from whoever gets hold of the database alone, such as
    a backup or a thrown away disk image without the key; it does not keep them from root on the running box.

    Args:
        path: the key file.
        may_create: False once templates are sealed with it: a new key would open none of them.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE, the key is lost, readable for others, of the wrong length, or cannot be written.
        Overloaded: STORAGE_FULL, no room for a new one.
    """
    try:
        if not path.exists() and may_create:
            _create(path)
        return _read(path)
    except FileNotFoundError as error:
        raise unusable(
            path,
            "the device key is lost, and without it no enrolled template can be read",
            "put the key file back from a backup, or move gallery.db away to start with an empty gallery and enrol "
            "again",
        ) from error
    except OSError as error:
        raise file_error(path, error) from error


def _read(path: Path) -> bytes:
    key_fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        status = os.fstat(key_fd)
        if not stat.S_ISREG(status.st_mode):
            raise unusable(path, "the device key is no regular file", "put the key file back")
        if status.st_mode & 0o077:
            mode = stat.S_IMODE(status.st_mode)
            raise unusable(path, f"the device key has mode {mode:04o}, expected 0600", f"run `chmod 600 {path}`")
        key = os.read(key_fd, KEY_BYTES + 1)
    finally:
        os.close(key_fd)
    if len(key) != KEY_BYTES:
        size = f"the device key has {status.st_size} bytes, expected {KEY_BYTES}"
        raise unusable(path, size, "put the key file back from a backup")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    # A rename is only durable once its folder is; a key lost after the first enrolment would cost every template.
    sync_folder(path.parent)
    sync_folder(path.parent.parent)
