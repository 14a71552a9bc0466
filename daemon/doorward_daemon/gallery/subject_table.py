"""Subjects in the database, with the wrapped keys of their templates."""

import json
from collections.abc import Collection
from datetime import datetime

from doorward_daemon.errors import AlreadyExists, ErrorReason, NotFound
from doorward_daemon.gallery.instant import from_us, to_us
from doorward_daemon.gallery.reference_table import ReferenceTable
from doorward_daemon.gallery.vault import Vault, unpad
from doorward_daemon.model.subject import Subject
from doorward_daemon.storage import Database

_COLUMNS = "subject_id, name_slot, revision, created_at_us, updated_at_us"


class SubjectTable:
    """Rows of `subjects`.

    Args:
        database: the gallery's.
        vault: keeps the names and the wrapped keys.
        references: gives subjects their references.
    """

    def __init__(self, database: Database, vault: Vault, references: ReferenceTable) -> None:
        self._database = database
        self._vault = vault
        self._references = references

    def insert(self, subject_id: str, display_name: str, wrapped_key: bytes, revision: int, now: datetime) -> None:
        """Adds a subject that is not there, with its key."""
        self._database.run(
            f"INSERT INTO subjects ({_COLUMNS}, key_slot) VALUES (?, ?, ?, ?, ?, ?)",
            subject_id,
            self._vault.put(display_name.encode()),
            revision,
            to_us(now),
            to_us(now),
            self._vault.put(wrapped_key),
        )

    def rename(self, subject_id: str, display_name: str) -> None:
        """Changes the display name."""
        self._vault.destroy(self._slots(subject_id)[0])
        slot = self._vault.put(display_name.encode())
        self._database.run("UPDATE subjects SET name_slot = ? WHERE subject_id = ?", slot, subject_id)

    def stamp(self, subject_id: str, revision: int, now: datetime) -> None:
        """Marks a subject as changed in a revision."""
        self._database.run(
            "UPDATE subjects SET revision = ?, updated_at_us = ? WHERE subject_id = ?", revision, to_us(now), subject_id
        )

    def delete(self, subject_id: str) -> None:
        """Destroys key and name, then the row; the references must be gone."""
        for slot in self._slots(subject_id):
            self._vault.destroy(slot)
        self._database.run("DELETE FROM subjects WHERE subject_id = ?", subject_id)

    def wrapped_key(self, subject_id: str) -> bytes:
        """The wrapped key of a subject.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
        """
        return self._vault.get(self._slots(subject_id)[1])

    def holds(self, subject_id: str) -> bool:
        """Whether a subject is there."""
        return bool(self._database.run("SELECT 1 FROM subjects WHERE subject_id = ?", subject_id))

    def get(self, subject_id: str) -> Subject:
        """Reads one subject.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
        """
        found = self._read(f"SELECT {_COLUMNS} FROM subjects WHERE subject_id = ?", subject_id)
        if not found:
            raise subject_not_found(subject_id)
        return found[0]

    def after(self, subject_id: str, count: int) -> tuple[Subject, ...]:
        """Reads up to `count` subjects whose id follows; the empty id comes before all."""
        return self._read(
            f"SELECT {_COLUMNS} FROM subjects WHERE subject_id > ? ORDER BY subject_id LIMIT ?", subject_id, count
        )

    def count(self) -> int:
        """Subjects there are."""
        return int(self._database.run("SELECT count(*) FROM subjects")[0][0])

    def names(self) -> dict[str, str]:
        """Display name of every subject."""
        rows = self._database.scan("SELECT subject_id, content FROM subjects JOIN vault ON slot = name_slot")
        return {subject_id: unpad(content).decode(errors="replace") for subject_id, content in rows}

    def names_of(self, subject_ids: Collection[str]) -> dict[str, str | None]:
        """Display name of each of some subjects; None for those that are not there."""
        rows = self._database.scan(
            "SELECT subject_id, content FROM json_each(?) AS wanted CROSS JOIN subjects ON subject_id = wanted.value"
            " JOIN vault ON slot = name_slot",
            json.dumps([*subject_ids]),
        )
        found = {subject_id: unpad(content).decode(errors="replace") for subject_id, content in rows}
        return {subject_id: found.get(subject_id) for subject_id in subject_ids}

    def _slots(self, subject_id: str) -> tuple[int, int]:
        rows = self._database.run("SELECT name_slot, key_slot FROM subjects WHERE subject_id = ?", subject_id)
        if not rows:
            raise subject_not_found(subject_id)
        return rows[0][0], rows[0][1]

    def _read(self, sql: str, *bindings: str | int) -> tuple[Subject, ...]:
        return tuple(
            Subject(
                subject_id=subject_id,
                display_name=self._vault.get(name_slot).decode(errors="replace"),
                references=self._references.active_of(subject_id),
                revision=revision,
                created_at=from_us(created_at_us),
                updated_at=from_us(updated_at_us),
            )
            for subject_id, name_slot, revision, created_at_us, updated_at_us in self._database.run(sql, *bindings)
        )


def subject_exists(subject_id: str) -> AlreadyExists:
    """The error for a subject that is enrolled."""
    return AlreadyExists(
        ErrorReason.SUBJECT_EXISTS,
        f"subject {subject_id} is enrolled already; choose another subject_id, or update that subject",
        metadata={"subject_id": subject_id},
    )


def subject_not_found(subject_id: str) -> NotFound:
    """The error for a subject that is not enrolled."""
    return NotFound(
        ErrorReason.SUBJECT_NOT_FOUND,
        f"subject {subject_id} is not enrolled; list the subjects to see which ones are",
        metadata={"subject_id": subject_id},
    )
