"""Receipts of what the centre had destroyed here, until the ledger holds them."""

from doorward_daemon.gallery.fleet_row import FleetReceipt
from doorward_daemon.gallery.operation import OperationKind
from doorward_daemon.storage import Database

_COLUMNS = "op_id, kind, subject_id, references_destroyed, centre_revision"


class FleetReceiptTable:
    """Rows of `fleet_receipts`.

    Args:
        database: the gallery's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, receipt: FleetReceipt) -> None:
        """Remembers a receipt in the transaction that destroys."""
        self._database.run(
            f"INSERT INTO fleet_receipts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
            receipt.op_id,
            receipt.kind.value,
            receipt.subject_id,
            receipt.references_destroyed,
            receipt.centre_revision,
        )

    def delete(self, op_id: str) -> None:
        """Forgets a receipt the ledger holds."""
        self._database.run("DELETE FROM fleet_receipts WHERE op_id = ?", op_id)

    def all(self) -> tuple[FleetReceipt, ...]:
        """Receipts the ledger may not hold, oldest first."""
        rows = self._database.run(f"SELECT {_COLUMNS} FROM fleet_receipts ORDER BY ordinal")
        return tuple(
            FleetReceipt(
                op_id=op_id,
                kind=OperationKind(kind),
                subject_id=subject_id,
                references_destroyed=references_destroyed,
                centre_revision=centre_revision,
            )
            for op_id, kind, subject_id, references_destroyed, centre_revision in rows
        )
