"""Alarms that run ahead of the queue: announced at once, and sent in their place all the same."""

from dataclasses import replace

from doorward_sync.event import Event, EventKey, Lane

MOST_HINTS = 16
"""Alarms of a device that may be announced and not acknowledged: a door that flaps must not fill the line."""
MOST_RECALLED = 8
"""Alarms of each lane that are looked up after a start, the newest ones: a new one must find room."""
_LARGEST_PAYLOAD_BYTES = 4 * 1024
"""Beyond this only what happened is announced, not its details."""


class HintBook:
    """The alarms that wait in the queue, in memory; after a start the journal tells them. One per uplink."""

    def __init__(self) -> None:
        self._waiting: dict[str, Event] = {}

    def note(self, event: Event) -> bool:
        """Takes an alarm that was recorded.

        Returns:
            Whether it may be announced; False where too many are under way.
        """
        if event.event_id not in self._waiting and len(self._waiting) >= MOST_HINTS:
            return False
        payload = event.payload
        is_small = payload is None or len(payload) <= _LARGEST_PAYLOAD_BYTES
        self._waiting[event.event_id] = event if is_small else replace(event, payload=None)
        return True

    def acknowledged(self, epoch: int, lane: Lane, through: int) -> None:
        """The centre has everything of a lane up to an event."""
        last = EventKey(epoch, lane, through)
        gone = [name for name, one in self._waiting.items() if _is_covered(one.key, last)]
        for name in gone:
            del self._waiting[name]

    def ahead(self, epoch: int, acked: dict[Lane, int]) -> list[Event]:
        """The alarms of an epoch that something else stands before.

        Args:
            epoch: of the journal.
            acked: what the centre has, by lane.
        """
        return [
            one
            for one in self._waiting.values()
            if one.key.epoch == epoch and one.key.seq > acked.get(one.key.lane, one.key.seq) + 1
        ]

    def forget(self) -> None:
        """Every lane has new numbers: what still waits has to be noted again."""
        self._waiting.clear()


def _is_covered(key: EventKey, last: EventKey) -> bool:
    return key.epoch == last.epoch and key.lane is last.lane and key.seq <= last.seq
