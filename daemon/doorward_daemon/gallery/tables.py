"""The tables of the gallery, put together."""

from datetime import timedelta

from doorward_daemon.gallery.fleet_receipt_table import FleetReceiptTable
from doorward_daemon.gallery.fleet_table import FleetTable
from doorward_daemon.gallery.operation import OperationTable
from doorward_daemon.gallery.reference_table import ReferenceTable
from doorward_daemon.gallery.subject_table import SubjectTable
from doorward_daemon.gallery.vault import Vault
from doorward_daemon.gallery.write_request import RequestTable
from doorward_daemon.storage import Database, DatabaseFile


class GalleryTables:
    """All rows of one gallery. Not thread-safe: the gallery calls it under its lock.

    Args:
        database: the file.
        remembered: for how long answers are kept.
    """

    def __init__(self, database: Database, remembered: timedelta) -> None:
        self._database = database
        self._vault = vault = Vault(database)
        self.references = ReferenceTable(database, vault)
        self.subjects = SubjectTable(database, vault, self.references)
        self.operations = OperationTable(database, vault)
        self.requests = RequestTable(database, vault, remembered)
        self.fleet = FleetTable(database)
        self.receipts = FleetReceiptTable(database)

    @property
    def file(self) -> DatabaseFile:
        """The file, to name its errors."""
        return self._database.file

    def begin(self) -> None:
        """At the beginning of a transaction, before anything is written."""
        self._vault.look_again()

    def revision(self) -> int:
        """Revision of the gallery, raised by every change."""
        return int(self._database.run("SELECT revision FROM gallery_state")[0][0])

    def raise_revision(self) -> int:
        """Raises the revision by one and returns it."""
        return int(self._database.run("UPDATE gallery_state SET revision = revision + 1 RETURNING revision")[0][0])

    def key_check(self) -> bytes | None:
        """What recognises the device key; None for a gallery that never had one."""
        found = self._database.run("SELECT key_check FROM gallery_state")[0][0]
        return None if found is None else bytes(found)

    def set_key_check(self, key_check: bytes) -> None:
        """Binds the gallery to a device key."""
        self._database.run("UPDATE gallery_state SET key_check = ?", key_check)
