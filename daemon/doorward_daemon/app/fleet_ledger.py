"""What the centre had destroyed on this device, as events of the ledger."""

from doorward_daemon.gallery import FleetReceipt, OperationKind
from doorward_daemon.journal import EventDraft, Journal

_KINDS = {OperationKind.ERASE_SUBJECT: "subject.erased", OperationKind.REMOVE_REFERENCE: "subject.updated"}


class FleetLedger:
    """Records receipts, each once.

    Args:
        journal: where to.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, receipt: FleetReceipt) -> None:
        """Appends a receipt; again with the same op_id changes nothing.

        Raises:
            DoorwardError: as Journal.append.
        """
        payload = {
            "op_id": receipt.op_id,
            "operation": receipt.kind.value,
            "subject_id": receipt.subject_id,
            "cause": "centre",
            "erased_references": receipt.references_destroyed,
            "centre_revision": receipt.centre_revision,
        }
        self._journal.append(EventDraft(_KINDS[receipt.kind], payload, op_id=receipt.op_id))
