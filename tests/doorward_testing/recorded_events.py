"""The record of a running daemon as a client lists it, and whether its chain holds, computed outside the daemon."""

from itertools import groupby
from pathlib import Path

from doorward_api.v1 import event_pb2
from doorward_client import DoorwardClient
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane

_CLOCKS = {
    event_pb2.CLOCK_STATE_UNSET: ClockState.UNSET,
    event_pb2.CLOCK_STATE_FLOOR: ClockState.FLOOR,
    event_pb2.CLOCK_STATE_SYNCED: ClockState.SYNCED,
}


def recorded(home: Path) -> list[event_pb2.Event]:
    """The whole ledger.

    Args:
        home: of a running daemon.
    """
    with DoorwardClient(f"unix:{home}/run/operator.sock") as client:
        return list(client.list_events(page_size=500))


def broken_in(events: list[event_pb2.Event]) -> EventKey | None:
    """The first event that does not fit the chain of its epoch; None where all do."""
    for epoch, run in groupby(events, key=lambda event: event.epoch):
        broken = first_broken([_event(event) for event in run], genesis(epoch, Lane.LEDGER))
        if broken is not None:
            return broken
    return None


def _event(message: event_pb2.Event) -> Event:
    return Event(
        key=EventKey(epoch=message.epoch, lane=Lane.LEDGER, seq=message.seq),
        event_id=message.event_id,
        kind=message.kind,
        time=EventTime(
            boot_id=message.boot_id,
            boottime_ns=message.boottime_ns,
            wall_time_us=message.wall_time.ToMicroseconds(),
            clock_state=_CLOCKS[message.clock_state],
        ),
        payload=message.payload_json.encode() if message.payload_json else None,
        salt=message.salt,
        payload_digest=message.payload_digest,
        chain_hash=message.chain_hash,
    )
