"""Writes in two databases: begun here, written into the ledger, finished here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorward_daemon.gallery.instant import from_us, to_us
from doorward_daemon.gallery.vault import Vault
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.storage import Database

_COLUMNS = "op_id, kind, subject_id, reference_id, request_id, fingerprint, detail_slot, created_at_us"


class OperationKind(StrEnum):
    """What is done in stages."""

    ENROL_REFERENCE = "ENROL_REFERENCE"
    REMOVE_REFERENCE = "REMOVE_REFERENCE"
    ERASE_SUBJECT = "ERASE_SUBJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A staged write that has been begun; whether it holds is what the ledger says about its op_id."""

    op_id: str
    """Made by the device; the same in both databases."""
    kind: OperationKind
    """What is done."""
    subject_id: str
    """To whom."""
    reference_id: str | None
    """To which reference; None for the whole subject."""
    request: WriteRequest
    """The write that asked for it, answered when it is finished."""
    detail: str
    """What the answer needs and the gallery does not keep, as JSON."""
    created_at: datetime
    """Aware, UTC."""


class OperationTable:
    """Rows of `operations`.

    Args:
        database: the gallery's.
        vault: keeps the details.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def insert(self, operation: Operation) -> None:
        """Remembers that an operation was begun."""
        self._database.run(
            f"INSERT INTO operations ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            operation.op_id,
            operation.kind.value,
            operation.subject_id,
            operation.reference_id,
            operation.request.request_id,
            operation.request.fingerprint,
            self._vault.put(operation.detail.encode()),
            to_us(operation.created_at),
        )

    def delete(self, op_id: str) -> None:
        """Forgets an operation that is finished or withdrawn."""
        for (slot,) in self._database.run("DELETE FROM operations WHERE op_id = ? RETURNING detail_slot", op_id):
            self._vault.destroy(slot)

    def all(self) -> tuple[Operation, ...]:
        """Operations that are not finished, oldest first."""
        rows = self._database.run(f"SELECT {_COLUMNS} FROM operations ORDER BY rowid")
        return tuple(
            Operation(
                op_id=op_id,
                kind=OperationKind(kind),
                subject_id=subject_id,
                reference_id=reference_id,
                request=WriteRequest(request_id, fingerprint),
                detail=self._vault.get(detail_slot).decode(),
                created_at=from_us(created_at_us),
            )
            for op_id, kind, subject_id, reference_id, request_id, fingerprint, detail_slot, created_at_us in rows
        )
