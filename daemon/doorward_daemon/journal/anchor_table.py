"""What the device knows of its clock in its last boots, in the journal's database."""

from doorward_daemon.storage import Database
from doorward_sync.clock_anchor import MOST_ANCHORS, ClockAnchor

_NEWEST = "SELECT {} FROM journal_clock_anchors ORDER BY utc_us DESC LIMIT ?"


def read_anchors(database: Database) -> tuple[ClockAnchor, ...]:
    """The anchors of the last boots, newest first."""
    rows = database.run(_NEWEST.format("boot_id, boottime_ns, utc_us, error_us"), MOST_ANCHORS)
    return tuple(
        ClockAnchor(boot_id=boot_id, boottime_ns=boottime_ns, utc_us=utc_us, error_us=error_us)
        for boot_id, boottime_ns, utc_us, error_us in rows
    )


def write_anchor(database: Database, anchor: ClockAnchor) -> None:
    """Keeps the anchor of a boot; those of boots long ago go.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    with database.transaction(growing=False):
        database.run(
            "INSERT INTO journal_clock_anchors (boot_id, boottime_ns, utc_us, error_us) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (boot_id) DO UPDATE SET boottime_ns = excluded.boottime_ns, utc_us = excluded.utc_us,"
            " error_us = excluded.error_us",
            anchor.boot_id,
            anchor.boottime_ns,
            anchor.utc_us,
            anchor.error_us,
        )
        kept = _NEWEST.format("boot_id")
        database.run(f"DELETE FROM journal_clock_anchors WHERE boot_id NOT IN ({kept})", MOST_ANCHORS)
