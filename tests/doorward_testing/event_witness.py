"""A reader of the record outside the daemon: what it was told must never change or vanish."""

import threading
from pathlib import Path

from doorward_api.v1 import event_pb2
from doorward_client import DoorwardClient, DoorwardError
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane

_CLOCKS = {
    event_pb2.CLOCK_STATE_UNSET: ClockState.UNSET,
    event_pb2.CLOCK_STATE_FLOOR: ClockState.FLOOR,
    event_pb2.CLOCK_STATE_SYNCED: ClockState.SYNCED,
}

Told = dict[tuple[int, int], tuple[str, bytes, bytes]]
"""(epoch, seq) -> kind, digest of the payload, link of the chain."""


def told_of(event: event_pb2.Event) -> tuple[tuple[int, int], tuple[str, bytes, bytes]]:
    """Identity and content of an event."""
    return (event.epoch, event.seq), (event.kind, event.payload_digest, event.chain_hash)


class EventWitness:
    """Follows the live record on a thread until the daemon dies.

    Args:
        home: of the daemon.
    """

    def __init__(self, home: Path) -> None:
        self.told: Told = {}
        self.has_heard = threading.Event()
        self._address = f"unix:{home}/run/operator.sock"
        self._thread = threading.Thread(target=self._follow, name="witness")

    def start(self) -> None:
        """Begins to follow."""
        self._thread.start()

    def join(self) -> None:
        """Waits until the stream has ended, as it does when the daemon dies."""
        self._thread.join(30.0)
        assert not self._thread.is_alive()

    def _follow(self) -> None:
        try:
            with DoorwardClient(self._address) as client:
                for response in client.watch_events(resume=False):
                    if response.HasField("event"):
                        key, content = told_of(response.event)
                        self.told[key] = content
                    self.has_heard.set()
        except DoorwardError:
            # The daemon was killed: that is what this is for.
            self.has_heard.set()


def recorded(home: Path) -> list[event_pb2.Event]:
    """The whole ledger, as a running daemon lists it."""
    with DoorwardClient(f"unix:{home}/run/operator.sock") as client:
        return list(client.list_events(page_size=500))


def broken_in(events: list[event_pb2.Event]) -> EventKey | None:
    """The first event of one epoch that does not fit the chain, computed here from what was listed."""
    if not events:
        return None
    return first_broken([_event(event) for event in events], genesis(events[0].epoch, Lane.LEDGER))


def _event(message: event_pb2.Event) -> Event:
    wall_time_us = message.wall_time.ToMicroseconds()
    return Event(
        key=EventKey(epoch=message.epoch, lane=Lane.LEDGER, seq=message.seq),
        event_id=message.event_id,
        kind=message.kind,
        time=EventTime(
            boot_id=message.boot_id,
            boottime_ns=message.boottime_ns,
            wall_time_us=wall_time_us,
            clock_state=_CLOCKS[message.clock_state],
        ),
        payload=message.payload_json.encode() if message.payload_json else None,
        salt=message.salt,
        payload_digest=message.payload_digest,
        chain_hash=message.chain_hash,
    )
