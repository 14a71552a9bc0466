"""Brings a database file to the schema of this version, or refuses a file that is not ours or is newer."""

from importlib.resources import files
from pathlib import Path

import apsw

from doorward_daemon.gallery.storage_error import unusable

APPLICATION_ID = 0x44574741
"""`DWGA`, written into the header of every gallery file."""


def migration_scripts() -> tuple[str, ...]:
    """The SQL scripts of this version in order; number one makes an empty file a gallery."""
    folder = files("doorward_daemon.gallery") / "migrations"
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return tuple(script.read_text(encoding="utf-8") for script in scripts)


def check_origin(connection: apsw.Connection, path: Path) -> None:
    """Refuses what this version must not touch; writes nothing.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE, the file belongs to another program or to a newer version.
        apsw.Error: the file cannot be read.
    """
    application_id = connection.pragma("application_id")
    version = connection.pragma("user_version")
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_schema").get
    if application_id != APPLICATION_ID and not (is_empty and application_id == 0 and version == 0):
        raise unusable(
            path,
            f"this is another program's database (application id {application_id:#x}, expected {APPLICATION_ID:#x})",
            "move it away, or set DOORWARD_HOME to a folder of its own",
        )
    known = len(migration_scripts())
    if version > known:
        raise unusable(
            path,
            f"this gallery was written by a newer version (schema {version}, known up to {known})",
            "install that version again, or restore the folder from a backup made before the upgrade",
        )


def migrate(connection: apsw.Connection) -> None:
    """Runs the scripts the file has not seen, each in a transaction of its own together with its number.

    Raises:
        apsw.Error: a script could not be written; the file is at the last complete one.
    """
    for number, script in enumerate(migration_scripts(), start=1):
        if connection.pragma("user_version") >= number:
            continue
        with connection:
            connection.execute(script)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
