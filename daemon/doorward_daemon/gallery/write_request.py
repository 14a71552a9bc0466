"""Idempotent writes: the same request is answered as it was the first time."""

from datetime import datetime, timedelta

from doorward_daemon.errors import AlreadyExists, ErrorReason, NotFound
from doorward_daemon.gallery.instant import to_us
from doorward_daemon.gallery.vault import Vault
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.storage import Database


class RequestTable:
    """Rows of `requests`.

    Args:
        database: the gallery's.
        vault: keeps the answers.
        remembered: for how long.
    """

    def __init__(self, database: Database, vault: Vault, remembered: timedelta) -> None:
        self._database = database
        self._vault = vault
        self._remembered = remembered

    def answer_to(self, request: WriteRequest, now: datetime) -> str | None:
        """The answer the request was given; None for one that was not seen, or too long ago.

        Raises:
            AlreadyExists: REQUEST_ID_REUSED, another request had this id.
            NotFound: SUBJECT_NOT_FOUND, the subject was erased since, and the answer with it.
        """
        rows = self._database.run(
            "SELECT fingerprint, subject_id, answer_slot FROM requests WHERE request_id = ? AND created_at_us >= ?",
            request.request_id,
            to_us(now - self._remembered),
        )
        if not rows:
            return None
        fingerprint, subject_id, slot = rows[0]
        if fingerprint != request.fingerprint:
            raise AlreadyExists(
                ErrorReason.REQUEST_ID_REUSED,
                f"request_id {request.request_id} was used for another request before; use a new one for each request",
                metadata={"request_id": request.request_id},
            )
        if slot is None:
            raise NotFound(
                ErrorReason.SUBJECT_NOT_FOUND,
                f"request {request.request_id} was done, but subject {subject_id} has been erased since",
                metadata={"subject_id": subject_id},
            )
        return self._vault.get(slot).decode()

    def store(self, request: WriteRequest, subject_id: str, answer: str, now: datetime) -> None:
        """Remembers an answer, and forgets those that are too old."""
        self._destroy(
            "DELETE FROM requests WHERE created_at_us < ? RETURNING answer_slot", to_us(now - self._remembered)
        )
        self._database.run(
            "INSERT INTO requests (request_id, fingerprint, subject_id, answer_slot, created_at_us)"
            " VALUES (?, ?, ?, ?, ?)",
            request.request_id,
            request.fingerprint,
            subject_id,
            self._vault.put(answer.encode()),
            to_us(now),
        )

    def redact(self, subject_id: str) -> None:
        """Destroys the answers that speak of a subject; that the requests were seen stays known."""
        self._destroy("SELECT answer_slot FROM requests WHERE subject_id = ? AND answer_slot IS NOT NULL", subject_id)
        self._database.run("UPDATE requests SET answer_slot = NULL WHERE subject_id = ?", subject_id)

    def _destroy(self, sql: str, binding: str | int) -> None:
        for (slot,) in self._database.run(sql, binding):
            if slot is not None:
                self._vault.destroy(slot)
