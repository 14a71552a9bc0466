"""Brings a database file to the schema of this version, or refuses a file that is not ours or is newer."""

import apsw

from doorward_daemon.storage.database_file import DatabaseFile, unusable


def check_origin(connection: apsw.Connection, file: DatabaseFile) -> None:
    """Refuses what this version must not touch; writes nothing.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE, the file belongs to another program or to a newer version.
        apsw.Error: the file cannot be read.
    """
    application_id = connection.pragma("application_id")
    version = connection.pragma("user_version")
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_schema").get
    ours = file.schema.application_id
    if application_id != ours and not (is_empty and application_id == 0 and version == 0):
        raise unusable(
            file.path,
            f"this is another program's database (application id {application_id:#x}, expected {ours:#x})",
            "move it away, or set DOORWARD_HOME to a folder of its own",
        )
    known = len(file.schema.scripts())
    if version > known:
        raise unusable(
            file.path,
            f"this {file.schema.name} was written by a newer version (schema {version}, known up to {known})",
            "install that version again, or restore the folder from a backup made before the upgrade",
        )


def migrate(connection: apsw.Connection, file: DatabaseFile) -> None:
    """Runs the scripts the file has not seen, each in a transaction of its own together with its number.

    Raises:
        apsw.Error: a script could not be written; the file is at the last complete one.
    """
    for number, script in enumerate(file.schema.scripts(), start=1):
        if connection.pragma("user_version") >= number:
            continue
        with connection:
            connection.execute(script)
            connection.pragma("application_id", file.schema.application_id)
            connection.pragma("user_version", number)
