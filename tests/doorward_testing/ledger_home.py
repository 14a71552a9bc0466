"""Homes of daemons in ledger-only mode: one door, an uplink that comes back at once, no models."""

import threading
from collections.abc import Sequence
from pathlib import Path

from doorward_api.v1 import event_pb2
from doorward_client import DoorwardClient, DoorwardError

_CONFIGURATION = """
[daemon]
ledger_only = true
[[doors]]
door_id = "main"
[doors.policy]
disk_wait_ms = 5000
[journal]
spare_disk_bytes = 0
append_timeout_ms = {append_timeout_ms}
[http]
port = 0
[uplink]
centre_address = "{centre}"
first_retry_max_s = 0.1
retry_base_s = 0.05
retry_cap_s = 0.2
"""


def write_ledger_home(home: Path, centre: str = "", append_timeout_ms: int = 60_000) -> Path:
    """Makes one.

    Args:
        home: the folder.
        centre: address of the centre; empty = none.
        append_timeout_ms: how long a caller waits for the disk; a slow machine is no fault in most tests.
    """
    home.mkdir(parents=True, exist_ok=True)
    text = _CONFIGURATION.format(centre=centre, append_timeout_ms=append_timeout_ms)
    (home / "doorward.toml").write_text(text, encoding="utf-8")
    return home


def operator_of(home: Path) -> DoorwardClient:
    """A client of its daemon, to be entered."""
    return DoorwardClient(f"unix:{home}/run/operator.sock")


def open_doors(home: Path, count: int, name: str = "operator") -> list[event_pb2.Event]:
    """Opens the door so often; the events its caller was told."""
    with operator_of(home) as client:
        return [client.open_door("main", note=f"{name}-{number}", timeout_s=30.0).event for number in range(count)]


class DoorOpener:
    """Opens the door again and again on a thread, and keeps what it was told, until an answer is an error."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._thread = threading.Thread(target=self._run, name="door opener")
        self._stop = threading.Event()
        self.told: list[event_pb2.Event] = []
        """Acknowledged events."""
        self.error: DoorwardError | None = None
        """What ended it."""

    def __enter__(self) -> "DoorOpener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60.0)

    def _run(self) -> None:
        number = 0
        try:
            with operator_of(self._home) as client:
                while not self._stop.is_set():
                    number += 1
                    self.told.append(client.open_door("main", note=f"opener-{number}", timeout_s=30.0).event)
        except DoorwardError as error:
            self.error = error


def missing(told: Sequence[event_pb2.Event], recorded: Sequence[event_pb2.Event]) -> list[str]:
    """Events somebody was told of that are not on record, or not as they were told."""
    kept = {event.event_id: event.payload_digest for event in recorded}
    return [event.event_id for event in told if kept.get(event.event_id) != event.payload_digest]
