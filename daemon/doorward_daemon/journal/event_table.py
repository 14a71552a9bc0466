"""The rows of the journal: the only place that writes and reads events in SQL."""

from collections.abc import Collection, Mapping

from doorward_daemon.journal.rows import COLUMN_COUNT, COLUMNS, event_of_row, values_of_event
from doorward_daemon.storage import Database, Row
from doorward_sync.event import ClockState, Event, Lane

_INSERT = f"INSERT INTO journal_events ({COLUMNS}, op_id) VALUES ({', '.join('?' * (COLUMN_COUNT + 1))})"
_KEEP = _INSERT.replace("INSERT INTO", "INSERT OR IGNORE INTO")
_SELECT = f"SELECT {COLUMNS} FROM journal_events"
_LANE = "WHERE epoch = ? AND lane = ?"


class EventTable:
    """Reads and writes rows. Not thread-safe; writes belong into a transaction of the caller.

    Args:
        database: of the journal's schema.
        epoch: of this database.
    """

    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    def insert(self, event: Event, op_id: str | None) -> None:
        """Adds an event.

        Args:
            event: with its place and its links.
            op_id: the operation it completes.
        """
        self._database.run(_INSERT, *values_of_event(event), op_id)

    def keep(self, event: Event, op_id: str | None) -> None:
        """Adds an event of an earlier database under the key it had there; once."""
        self._database.run(_KEEP, *values_of_event(event), op_id)

    def keep_aside(self, event: Event, reason: str) -> None:
        """Adds a copy of an event to the quarantine; once."""
        marks = ", ".join("?" * (COLUMN_COUNT + 1))
        sql = f"INSERT OR IGNORE INTO journal_quarantine ({COLUMNS}, reason) VALUES ({marks})"
        self._database.run(sql, *values_of_event(event), reason)

    def kept_aside(self, lane: Lane, after_seq: int) -> frozenset[int]:
        """Events of this epoch with seq > after_seq that are in quarantine."""
        rows = self._database.run(
            f"SELECT seq FROM journal_quarantine {_LANE} AND seq > ?", self._epoch, int(lane), after_seq
        )
        return frozenset(int(row[0]) for row in rows)

    def aside_count(self) -> int:
        """Copies in quarantine, of all epochs."""
        return int(self._database.run("SELECT count(*) FROM journal_quarantine")[0][0])

    def drop_aside(self, acked: Mapping[Lane, int], most: int) -> int:
        """Drops copies in quarantine beyond a number: of earlier epochs before this one, of lane BULK before the
        ledger, the oldest first; those the centre was not told of stay.

        Args:
            acked: what the centre has, by lane; of earlier epochs it has what it will ever have.
            most: copies that may stay.

        Returns:
            How many were dropped.
        """
        # Sequence numbers say what is older, within an epoch and a lane; a wall clock may have been set back.
        self._database.run(
            "DELETE FROM journal_quarantine WHERE (epoch, lane, seq) IN (SELECT epoch, lane, seq"
            " FROM journal_quarantine WHERE epoch <> ?1 OR seq <= CASE lane WHEN ?2 THEN ?3 ELSE ?4 END"
            " ORDER BY epoch = ?1, lane = ?2, epoch, seq"
            " LIMIT max(0, (SELECT count(*) FROM journal_quarantine) - ?5))",
            self._epoch,
            int(Lane.LEDGER),
            acked[Lane.LEDGER],
            acked[Lane.BULK],
            most,
        )
        return self._database.changed_rows()

    def _event(self, row: Row) -> Event:
        try:
            return event_of_row(row)
        except (ValueError, TypeError) as error:
            raise self._database.damage(str(error)) from error

    def of_operation(self, op_id: str) -> Event | None:
        """The event that completed an operation, of any epoch."""
        rows = self._database.run(f"{_SELECT} WHERE op_id = ?", op_id)
        return self._event(rows[0]) if rows else None

    def at(self, lane: Lane, seq: int) -> Event | None:
        """The event in a place of this epoch."""
        rows = self._database.run(f"{_SELECT} {_LANE} AND seq = ?", self._epoch, int(lane), seq)
        return self._event(rows[0]) if rows else None

    def after(self, lane: Lane, after_seq: int, through_seq: int, limit: int) -> list[Event]:
        """Events of this epoch with after_seq < seq <= through_seq, ascending, at most `limit`."""
        rows = self._database.run(
            f"{_SELECT} {_LANE} AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            self._epoch,
            int(lane),
            after_seq,
            through_seq,
            limit,
        )
        return [self._event(row) for row in rows]

    def newest_of(self, lane: Lane, kinds: Collection[str], after_seq: int, through_seq: int) -> list[Event]:
        """Events of this epoch and of some kinds with after_seq < seq <= through_seq, newest first."""
        places = ", ".join("?" * len(kinds))
        rows = self._database.run(
            f"{_SELECT} {_LANE} AND seq > ? AND seq <= ? AND kind IN ({places}) ORDER BY seq DESC",
            self._epoch,
            int(lane),
            after_seq,
            through_seq,
            *kinds,
        )
        return [self._event(row) for row in rows]

    def with_operations(self, lane: Lane, after_seq: int) -> list[tuple[Event, str | None]]:
        """Events of this epoch with seq > after_seq, ascending, with the operations they complete."""
        rows = self._database.run(
            f"SELECT {COLUMNS}, op_id FROM journal_events {_LANE} AND seq > ? ORDER BY seq",
            self._epoch,
            int(lane),
            after_seq,
        )
        return [(self._event(row[:-1]), row[-1]) for row in rows]

    def delete_after(self, lane: Lane, after_seq: int) -> None:
        """Deletes the events of this epoch with seq > after_seq."""
        self._database.run(f"DELETE FROM journal_events {_LANE} AND seq > ?", self._epoch, int(lane), after_seq)

    def set_epoch(self, epoch: int) -> None:
        """Makes the journal one of another epoch, without watermarks."""
        self._database.run("UPDATE journal_identity SET epoch = ?", epoch)
        self._database.run("DELETE FROM journal_lanes")

    def last_position(self) -> int:
        """Position of the newest row; 0 where there is none."""
        return int(self._database.run("SELECT coalesce(max(position), 0) FROM journal_events")[0][0])

    def between_positions(self, after: int, through: int) -> list[Event]:
        """Events of any epoch and lane at the positions after < position <= through, newest first."""
        rows = self._database.run(
            f"{_SELECT} WHERE position > ? AND position <= ? ORDER BY position DESC", after, through
        )
        return [self._event(row) for row in rows]

    def first_seq(self, lane: Lane) -> int | None:
        """Lowest seq of this epoch that is here."""
        rows = self._database.run(f"SELECT min(seq) FROM journal_events {_LANE}", self._epoch, int(lane))
        return None if rows[0][0] is None else int(rows[0][0])

    def last(self, lane: Lane) -> Event | None:
        """The newest event of this epoch that is here."""
        rows = self._database.run(f"{_SELECT} {_LANE} ORDER BY seq DESC LIMIT 1", self._epoch, int(lane))
        return self._event(rows[0]) if rows else None

    def payload_bytes(self, lane: Lane, after_seq: int, through_seq: int) -> int:
        """Bytes of the payloads with after_seq < seq <= through_seq."""
        rows = self._database.run(
            f"SELECT coalesce(sum(length(payload)), 0) FROM journal_events {_LANE} AND seq > ? AND seq <= ?",
            self._epoch,
            int(lane),
            after_seq,
            through_seq,
        )
        return int(rows[0][0])

    def delete_through(self, lane: Lane, through_seq: int) -> int:
        """Deletes the events of this epoch with seq <= through_seq; returns how many there were."""
        self._database.run(
            f"DELETE FROM journal_events {_LANE} AND seq <= ?",
            self._epoch,
            int(lane),
            through_seq,
        )
        return self._database.changed_rows()

    def delete_of_other_epochs(self, before_us: int, limit: int) -> int:
        """Deletes events of earlier databases that happened before a moment, oldest first; returns how many.

        Args:
            before_us: microseconds since 1970 UTC.
            limit: at most so many.
        """
        # They lie before all others (rebuilding puts them there), so the first rows are enough to look at.
        self._database.run(
            "DELETE FROM journal_events WHERE position IN (SELECT position FROM"
            " (SELECT position, epoch, wall_time_us FROM journal_events ORDER BY position LIMIT ?)"
            " WHERE epoch <> ? AND wall_time_us < ?)",
            limit,
            self._epoch,
            before_us,
        )
        return self._database.changed_rows()

    def last_older_than(self, lane: Lane, through_seq: int, before_us: int, span: int) -> int:
        """Highest seq among the first `span` events of a lane that is <= through_seq and happened before a moment.

        An event whose clock was not set goes with a later one that was.

        Args:
            lane: the lane.
            through_seq: not beyond here.
            before_us: microseconds since 1970 UTC.
            span: how many events to look at.

        Returns:
            0 where none is so old.
        """
        rows = self._database.run(
            f"SELECT seq, wall_time_us, clock_state FROM journal_events {_LANE} AND seq <= ? ORDER BY seq LIMIT ?",
            self._epoch,
            int(lane),
            through_seq,
            span,
        )
        found = 0
        for seq, wall_time_us, clock_state in rows:
            if clock_state == ClockState.UNSET.value:
                continue
            if wall_time_us >= before_us:
                break
            found = int(seq)
        return found
