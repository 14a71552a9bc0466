"""Brings back the face of a recorded decision, or says from the record why it cannot."""

from doorward_daemon.access import AccessReason
from doorward_daemon.enrolment import forgotten
from doorward_daemon.entry import DecisionMemory
from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, NotFound
from doorward_daemon.journal import Journal
from doorward_daemon.model.decided_face import DecidedFace, DecisionKey
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload

_DECISIONS = frozenset({"access.granted", "access.denied", "attendance.punched"})
_BY_OPERATOR = AccessReason.OPERATOR.value


class DecisionRecall:
    """The memory of decisions beside the record of them. Thread-safe.

    Args:
        memory: holds the faces.
        journal: holds the decisions.
        embedding_id: embedding space of the pack that runs.
    """

    def __init__(self, memory: DecisionMemory, journal: Journal, embedding_id: str) -> None:
        self._memory = memory
        self._journal = journal
        self._embedding_id = embedding_id

    def recall(self, key: DecisionKey) -> DecidedFace:
        """The face a recorded decision was taken on.

        Raises:
            NotFound: EVENT_NOT_FOUND.
            Conflict: DECISION_FORGOTTEN, EMBEDDING_MISMATCH.
            NotReady: JOURNAL_SLOW.
            Fault: STORAGE_FAILED.
        """
        epoch = self._journal.lane_state(Lane.LEDGER).epoch
        face = self._memory.recall(DecisionKey(key.seq, key.epoch or epoch))
        if face is None:
            raise self._why_not(key, epoch)
        return face

    def _why_not(self, key: DecisionKey, epoch: int) -> DoorwardError:
        found = [] if key.epoch not in (0, epoch) else self._journal.read(Lane.LEDGER, key.seq - 1, 1)
        event = next((one for one in found if one.key.seq == key.seq), None)
        facts = {} if event is None or event.payload is None else decode_payload(event.payload)
        # An operator's opening is on record as access granted, too.
        is_about_face = event is not None and event.kind in _DECISIONS and facts.get("reason") != _BY_OPERATOR
        if event is None or not is_about_face:
            what = "there is no event" if event is None else f"{event.kind} is no decision about a face: event"
            return NotFound(
                ErrorReason.EVENT_NOT_FOUND,
                f"{what} {key.seq} in the ledger; look it up with `doorward events list --kind access`",
                metadata={"seq": str(key.seq)},
            )
        made_by = str(facts.get("embedding_id") or "")
        if made_by and made_by != self._embedding_id:
            return Conflict(
                ErrorReason.EMBEDDING_MISMATCH,
                f"decision {key.seq} was taken by another pack ({made_by}) and cannot be compared with "
                f"{self._embedding_id}; show a picture of the look-alike instead",
                metadata={"seq": str(key.seq), "embedding_id": made_by},
            )
        return forgotten(key)
