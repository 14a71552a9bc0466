"""Versions, given states and local changes of the subjects a device shares with its fleet, in the database."""

from doorward_daemon.gallery.fleet_row import FleetRow
from doorward_daemon.storage import Database
from doorward_sync.gallery_state import GalleryDigest, GivenSubject

_COLUMNS = "subject_id, version, erased, change, given_version, given_erased, given_digest"


class FleetTable:
    """Rows of `fleet_subjects` and the one of `fleet_state`.

    Args:
        database: the gallery's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> tuple[int, GalleryDigest]:
        """Revision of the centre's gallery that is here, and the digest of what the centre gave."""
        row = self._database.run("SELECT revision, digest, living FROM fleet_state")[0]
        return int(row[0]), GalleryDigest(row[1], row[2])

    def set_state(self, revision: int, digest: GalleryDigest) -> None:
        """Notes what the centre gave altogether."""
        self._database.run(
            "UPDATE fleet_state SET revision = ?, digest = ?, living = ?", revision, digest.value, digest.living
        )

    def changes(self) -> tuple[int, int]:
        """The last local change, and the last one the centre has confirmed."""
        row = self._database.run("SELECT last_change, acked_change FROM fleet_state")[0]
        return int(row[0]), int(row[1])

    def row(self, subject_id: str) -> FleetRow | None:
        """Where a subject stands; None for one that never was here."""
        rows = self._read("WHERE subject_id = ?", subject_id)
        return rows[0] if rows else None

    def put(self, row: FleetRow) -> None:
        """Writes where a subject stands."""
        given = (None, None, None) if row.given is None else (row.given.version, row.given.erased, row.given.digest)
        self._database.run(
            f"INSERT OR REPLACE INTO fleet_subjects ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            row.subject_id,
            row.version,
            int(row.erased),
            row.change,
            *given,
        )

    def given_ids(self) -> tuple[str, ...]:
        """Subjects the centre gave, tombstones included."""
        rows = self._database.run("SELECT subject_id FROM fleet_subjects WHERE given_version IS NOT NULL")
        return tuple(subject_id for (subject_id,) in rows)

    def note_change(self, subject_id: str, *, erased: bool) -> int:
        """Raises the version of a subject that was changed here.

        Returns:
            The number of the change.
        """
        change = self._next_change()
        self._database.run(
            "INSERT INTO fleet_subjects (subject_id, version, erased, change) VALUES (?, 1, ?, ?)"
            " ON CONFLICT DO UPDATE SET version = version + 1, erased = excluded.erased, change = excluded.change",
            subject_id,
            int(erased),
            change,
        )
        return change

    def changed(self, after_change: int, limit: int) -> tuple[FleetRow, ...]:
        """Subjects with an unsettled local change above one, in order of change."""
        return self._read("WHERE change > ? ORDER BY change LIMIT ?", after_change, limit)

    def acknowledge(self, through_change: int) -> None:
        """Notes that the centre has every local change up to one; settles those whose answer is here already."""
        self._database.run(
            "UPDATE fleet_state SET acked_change = max(acked_change, min(?, last_change))", through_change
        )
        self._database.run(
            "UPDATE fleet_subjects SET change = NULL WHERE change <= ? AND given_version >= version", through_change
        )

    def offer_again(self) -> int | None:
        """Counts confirmed changes that a snapshot knows nothing of as new ones: the centre has lost them.

        Returns:
            The last change; None where there was nothing to offer again.
        """
        last = None
        acked = self.changes()[1]
        for row in self._read("WHERE change <= ? AND given_version IS NULL ORDER BY change", acked):
            last = self._next_change()
            self._database.run("UPDATE fleet_subjects SET change = ? WHERE subject_id = ?", last, row.subject_id)
        return last

    def _next_change(self) -> int:
        rows = self._database.run("UPDATE fleet_state SET last_change = last_change + 1 RETURNING last_change")
        return int(rows[0][0])

    def _read(self, condition: str, *bindings: str | int) -> tuple[FleetRow, ...]:
        rows = self._database.run(f"SELECT {_COLUMNS} FROM fleet_subjects {condition}", *bindings)
        return tuple(
            FleetRow(
                subject_id=subject_id,
                version=version,
                erased=bool(erased),
                change=change,
                given=None if given_version is None else GivenSubject(given_version, bool(given_erased), given_digest),
            )
            for subject_id, version, erased, change, given_version, given_erased, given_digest in rows
        )
