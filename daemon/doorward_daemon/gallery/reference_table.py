"""References in the database: what is known of a template beside the sealed template itself."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from doorward_daemon.gallery.instant import from_us, to_us
from doorward_daemon.gallery.vault import Vault, unpad
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.subject import Reference, ReferenceKind, ReferenceState
from doorward_daemon.storage import Database

_COLUMNS = "reference_id, quality_score, quality_band, embedding_id, precision, created_at_us, kind"


@dataclass(frozen=True, slots=True)
class SealedReference:
    """A sealed template with the wrapped key that opens it."""

    subject_id: str
    """Its subject."""
    reference_id: str
    """Its reference."""
    sealed_template: bytes
    """Nonce, ciphertext, tag."""
    wrapped_key: bytes
    """The subject's key, wrapped by the device key."""
    kind: ReferenceKind
    """What it says of the subject."""
    quality_score: float
    """Of its picture, 0..1."""


class ReferenceTable:
    """Rows of `enrolled_references`.

    Args:
        database: the gallery's.
        vault: keeps the sealed templates.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def insert(
        self, subject_id: str, reference: Reference, op_id: str, sealed_template: bytes, state: ReferenceState
    ) -> None:
        """Adds a reference."""
        self._database.run(
            "INSERT INTO enrolled_references (reference_id, subject_id, state, op_id, embedding_id, precision,"
            " quality_score, quality_band, template_slot, created_at_us, kind)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            reference.reference_id,
            subject_id,
            state.value,
            op_id,
            reference.embedding_id,
            reference.precision,
            reference.quality_score,
            reference.quality_band.value,
            self._vault.put(sealed_template),
            to_us(reference.created_at),
            reference.kind.value,
        )

    def set_state(self, reference_id: str, state: ReferenceState) -> None:
        """Moves one reference to another stage."""
        self._database.run("UPDATE enrolled_references SET state = ? WHERE reference_id = ?", state.value, reference_id)

    def set_state_of_all(self, subject_id: str, old: ReferenceState, new: ReferenceState) -> None:
        """Moves all references of a subject that are in one stage to another."""
        self._database.run(
            "UPDATE enrolled_references SET state = ? WHERE subject_id = ? AND state = ?",
            new.value,
            subject_id,
            old.value,
        )

    def delete(self, reference_id: str) -> None:
        """Destroys one reference."""
        self._destroy("reference_id", reference_id)

    def delete_all(self, subject_id: str) -> None:
        """Destroys all references of a subject, whatever their stage."""
        self._destroy("subject_id", subject_id)

    def active_of(self, subject_id: str) -> tuple[Reference, ...]:
        """Active references of a subject, oldest first."""
        rows = self._database.run(
            f"SELECT {_COLUMNS} FROM enrolled_references WHERE subject_id = ? AND state = 'ACTIVE' ORDER BY ordinal",
            subject_id,
        )
        return tuple(
            Reference(
                reference_id,
                score,
                QualityBand(band),
                embedding_id,
                precision,
                from_us(created_at_us),
                ReferenceKind(kind),
            )
            for reference_id, score, band, embedding_id, precision, created_at_us, kind in rows
        )

    def holds(self, reference_id: str) -> bool:
        """Whether a reference is there, whatever its stage and its subject."""
        return bool(self._database.run("SELECT 1 FROM enrolled_references WHERE reference_id = ?", reference_id))

    def sealed_of(self, subject_id: str, embedding_id: str) -> list[SealedReference]:
        """Sealed templates of a subject's active references in one space, oldest first."""
        return [_sealed(*row) for row in self._database.run(_SEALED_OF_SUBJECT, embedding_id, subject_id)]

    def sealed_of_each(self, subject_ids: Collection[str], embedding_id: str) -> Iterator[SealedReference]:
        """The same of many subjects, those of a subject together; must be read to its end."""
        rows = self._database.scan(_SEALED_OF_EACH, json.dumps([*subject_ids]), embedding_id)
        return (_sealed(*row) for row in rows)

    def all_sealed(self, embedding_id: str) -> Iterator[SealedReference]:
        """Sealed templates of all active references in one space, oldest first; must be read to its end."""
        return (_sealed(*row) for row in self._database.scan(_SEALED, embedding_id))

    def count(self, embedding_id: str) -> int:
        """Active references in one space."""
        return self._count("state = 'ACTIVE' AND embedding_id = ?", embedding_id)

    def count_foreign(self, embedding_id: str) -> int:
        """Active references in all other spaces."""
        return self._count("state = 'ACTIVE' AND embedding_id <> ?", embedding_id)

    def _destroy(self, column: str, value: str) -> None:
        for (slot,) in self._database.run(
            f"DELETE FROM enrolled_references WHERE {column} = ? RETURNING template_slot", value
        ):
            self._vault.destroy(slot)

    def _count(self, condition: str, binding: str) -> int:
        return int(self._database.run(f"SELECT count(*) FROM enrolled_references WHERE {condition}", binding)[0][0])


def _sealed(
    subject_id: str, reference_id: str, template: bytes, key: bytes, kind: str, quality_score: float
) -> SealedReference:
    return SealedReference(subject_id, reference_id, unpad(template), unpad(key), ReferenceKind(kind), quality_score)


_SEALED_COLUMNS = "r.subject_id, r.reference_id, t.content, k.content, r.kind, r.quality_score"
_KEYS = (
    "JOIN vault AS t ON t.slot = r.template_slot JOIN subjects AS s ON s.subject_id = r.subject_id"
    " JOIN vault AS k ON k.slot = s.key_slot WHERE r.state = 'ACTIVE' AND r.embedding_id = ?"
)
# Named, because without statistics the planner walks the whole embedding space to find one subject in it.
_BY_SUBJECT = "enrolled_references AS r INDEXED BY enrolled_references_by_subject"
_SEALED = f"SELECT {_SEALED_COLUMNS} FROM enrolled_references AS r {_KEYS} ORDER BY r.ordinal"
_SEALED_OF_SUBJECT = f"SELECT {_SEALED_COLUMNS} FROM {_BY_SUBJECT} {_KEYS} AND r.subject_id = ? ORDER BY r.ordinal"
# Without a wish for an order: sorting would hold all of them at once.
_SEALED_OF_EACH = (
    f"SELECT {_SEALED_COLUMNS} FROM json_each(?) AS wanted"
    f" CROSS JOIN {_BY_SUBJECT} ON r.subject_id = wanted.value {_KEYS}"
)
