"""When events happened, by the centre's clock: anchors in the database, and the estimate of an event."""

import apsw

from doorward_sync.clock_anchor import ClockAnchor, TimeEstimate, between, estimate

_ANCHOR = "SELECT boottime_ns, utc_us, error_us FROM clock_anchors WHERE device_id = ? AND boot_id = ?"
# The neighbours in order of seq whose boot is anchored; one is enough to each side.
_NEIGHBOUR = """
SELECT e.boottime_ns, a.boottime_ns, a.utc_us, a.error_us
FROM events AS e JOIN clock_anchors AS a ON a.device_id = e.device_id AND a.boot_id = e.boot_id
WHERE e.device_id = ? AND e.epoch = ? AND e.lane = ? AND e.seq {side} ? ORDER BY e.seq {order} LIMIT 1
"""
_BEFORE = _NEIGHBOUR.format(side="<", order="DESC")
_AFTER = _NEIGHBOUR.format(side=">", order="ASC")
Place = tuple[str, int, int, int]
"""Device, epoch, lane, sequence number."""


def note_anchor(connection: apsw.Connection, device_id: str, anchor: ClockAnchor) -> None:
    """Writes down what a device knows of its clock in a boot; the last word counts, it is the device that compares."""
    connection.execute(
        "INSERT INTO clock_anchors (device_id, boot_id, boottime_ns, utc_us, error_us) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET boottime_ns = excluded.boottime_ns, utc_us = excluded.utc_us,"
        " error_us = excluded.error_us",
        (device_id, anchor.boot_id, anchor.boottime_ns, anchor.utc_us, anchor.error_us),
    )


class TimeBook:
    """Estimates the times of events; for one reading of the database, of which it remembers the anchors.

    Args:
        connection: the database.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], ClockAnchor | None] = {}

    def of(self, place: Place, boot_id: str, boottime_ns: int, received_us: int) -> tuple[TimeEstimate | None, bool]:
        """When an event happened.

        Args:
            place: which one.
            boot_id: its boot.
            boottime_ns: when, since that boot.
            received_us: when the centre had it: it happened before.

        Returns:
            The estimate, None where nothing bounds it, and whether its own boot is anchored.
        """
        if (anchor := self._anchor(place[0], boot_id)) is not None:
            return estimate(anchor, boottime_ns), True
        before = self._neighbour(_BEFORE, place)
        return between(before, self._neighbour(_AFTER, place) or TimeEstimate(received_us, 0)), False

    def _anchor(self, device_id: str, boot_id: str) -> ClockAnchor | None:
        if (device_id, boot_id) not in self._known:
            row = self._connection.execute(_ANCHOR, (device_id, boot_id)).fetchone()
            self._known[device_id, boot_id] = None if row is None else _anchor_of(boot_id, row)
        return self._known[device_id, boot_id]

    def _neighbour(self, sql: str, place: Place) -> TimeEstimate | None:
        row = self._connection.execute(sql, place).fetchone()
        return None if row is None else estimate(_anchor_of("", row[1:]), row[0])


def _anchor_of(boot_id: str, row: tuple[int, int, int]) -> ClockAnchor:
    return ClockAnchor(boot_id=boot_id, boottime_ns=row[0], utc_us=row[1], error_us=row[2])
