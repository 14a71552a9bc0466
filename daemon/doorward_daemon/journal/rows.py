"""The columns of an event's row, in one order for writing and reading."""

from doorward_daemon.storage import Binding, Row
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane

COLUMNS = (
    "epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us, clock_state, payload, salt, payload_digest,"
    " chain_hash"
)
"""What `event_of_row` reads; `values_of_event` writes them in the same order."""
COLUMN_COUNT = COLUMNS.count(",") + 1
"""How many they are."""


def event_of_row(row: Row) -> Event:
    """Rebuilds an event.

    Args:
        row: its COLUMNS.

    Raises:
        ValueError: a lane or clock state that this version does not know.
        TypeError: a text that is none: a flipped bit makes bytes of it.
    """
    epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us, clock_state, *rest = row
    payload, salt, payload_digest, chain_hash = rest
    if not type(event_id) is type(kind) is type(boot_id) is str:
        raise TypeError(f"event {seq} of lane {lane}: its texts are none")
    return Event(
        key=EventKey(epoch, Lane(lane), seq),
        event_id=event_id,
        kind=kind,
        time=EventTime(
            boot_id=boot_id, boottime_ns=boottime_ns, wall_time_us=wall_time_us, clock_state=ClockState(clock_state)
        ),
        payload=payload,
        salt=salt,
        payload_digest=payload_digest,
        chain_hash=chain_hash,
    )


def values_of_event(event: Event) -> tuple[Binding, ...]:
    """The COLUMNS of an event."""
    time = event.time
    return (
        event.key.epoch,
        int(event.key.lane),
        event.key.seq,
        event.event_id,
        event.kind,
        time.boot_id,
        time.boottime_ns,
        time.wall_time_us,
        time.clock_state.value,
        event.payload,
        event.salt,
        event.payload_digest,
        event.chain_hash,
    )
