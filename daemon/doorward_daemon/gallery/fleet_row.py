"""What the gallery remembers of the fleet, as values."""

from dataclasses import dataclass

from doorward_daemon.gallery.operation import OperationKind
from doorward_sync.gallery_state import GivenSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Where a subject stands between this device and its centre."""

    subject_id: str
    """The subject, living or erased."""
    version: int
    """Of its state here."""
    erased: bool
    """Whether it is erased here."""
    change: int | None
    """Its last local change that is not settled; None where what is here is what the centre gave."""
    given: GivenSubject | None
    """What the centre gave; None where it gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReceipt:
    """Something the centre had destroyed on this device, for the ledger."""

    op_id: str
    """Made by the device; recorded again with it, nothing changes."""
    kind: OperationKind
    """REMOVE_REFERENCE or ERASE_SUBJECT."""
    subject_id: str
    """Whose."""
    references_destroyed: int
    """References destroyed with it."""
    centre_revision: int
    """Revision of the centre's gallery that asked for it."""
