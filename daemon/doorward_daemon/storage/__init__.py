"""One SQLite file for one daemon: opened, migrated, capped, durable at every commit, with typed errors."""

from doorward_daemon.storage.database import Binding, Database, Row
from doorward_daemon.storage.database_file import DatabaseDamaged, DatabaseFile, file_error, no_room_for, unusable
from doorward_daemon.storage.opening import DURABLE, Engine, open_database
from doorward_daemon.storage.schema import Schema
from doorward_daemon.storage.settings import StorageSettings

__all__ = [
    "Binding",
    "Database",
    "DatabaseDamaged",
    "DatabaseFile",
    "DURABLE",
    "Engine",
    "Row",
    "Schema",
    "StorageSettings",
    "file_error",
    "no_room_for",
    "open_database",
    "unusable",
]
