"""The doors of this box, by name."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from doorward_daemon.access import DoorState
from doorward_daemon.door.command_thread import CommandThread
from doorward_daemon.door.driver import DoorDriver
from doorward_daemon.door.settings import DoorSettings
from doorward_daemon.door.simulated import SimulatedDoor
from doorward_daemon.errors import ErrorReason, Fault, NotFound

_CLOSE_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class DoorStatus:
    """How a door is."""

    door_id: str
    """The door."""
    display_name: str
    """Its name for a screen."""
    state: DoorState
    """How it is; FAULT from a failed command to the next one that works."""
    problem: str
    """What failed; empty where nothing did."""
    openings: int
    """Times it was opened since the daemon started."""
    faults: int
    """Commands that failed since the daemon started."""


class _Door:
    """One door with its thread and what became of its last command."""

    def __init__(self, settings: DoorSettings, driver: DoorDriver) -> None:
        self.settings = settings
        self.driver = driver
        self.thread = CommandThread(settings.door_id, driver, settings.answer_ms / 1000.0)
        self.problem = ""
        self.openings = self.faults = 0

    def command(self, command: Callable[[], None]) -> None:
        try:
            self.thread.run(command)
        except Fault as fault:
            self.problem = fault.message
            self.faults += 1
            raise
        self.problem = ""


class Doors:
    """Commands doors. Thread-safe; a door that hangs costs its own `answer_ms` and never another door's.

    Args:
        doors: settings and driver of each.
    """

    def __init__(self, doors: Sequence[tuple[DoorSettings, DoorDriver]]) -> None:
        self._doors = {settings.door_id: _Door(settings, driver) for settings, driver in doors}

    @property
    def ids(self) -> tuple[str, ...]:
        """The doors, as configured."""
        return tuple(self._doors)

    def open(self, door_id: str, duration_s: float) -> None:
        """Unlocks a door for a while; returns once its lock has answered.

        Args:
            door_id: which.
            duration_s: for how long.

        Raises:
            NotFound: DOOR_NOT_FOUND.
            Fault: DOOR_FAULT; should the lock answer later after all, it is locked at once.
        """
        door = self._door(door_id)
        door.command(lambda: door.driver.pulse(duration_s))
        door.openings += 1

    def lock(self, door_id: str) -> None:
        """Locks a door now.

        Raises:
            NotFound: DOOR_NOT_FOUND.
            Fault: DOOR_FAULT.
        """
        door = self._door(door_id)
        door.command(door.driver.lock)

    def status(self, door_id: str) -> DoorStatus:
        """How a door is.

        Raises:
            NotFound: DOOR_NOT_FOUND.
        """
        door = self._door(door_id)
        state = DoorState.FAULT if door.problem else door.driver.state()
        name = door.settings.display_name
        return DoorStatus(door_id, name, state, door.problem, door.openings, door.faults)

    def close(self) -> None:
        """Lets all doors go; they lock."""
        for door in self._doors.values():
            door.thread.close(_CLOSE_TIMEOUT_S)

    def _door(self, door_id: str) -> _Door:
        if (door := self._doors.get(door_id)) is None:
            known = ", ".join(self._doors) or "none"
            raise NotFound(
                ErrorReason.DOOR_NOT_FOUND,
                f"there is no door {door_id!r}; the doors of this box are: {known}",
                metadata={"door_id": door_id},
            )
        return door


_DRIVERS: Mapping[str, Callable[[Callable[[], int]], DoorDriver]] = {"simulated": SimulatedDoor}


@contextmanager
def open_doors(settings: Sequence[DoorSettings], clock_ns: Callable[[], int] = time.monotonic_ns) -> Iterator[Doors]:
    """Opens the doors of a box and lets them go at the end.

    Args:
        settings: of each door; names must differ.
        clock_ns: monotonic nanoseconds.
    """
    doors = Doors([(door, _DRIVERS[door.driver](clock_ns)) for door in settings])
    try:
        yield doors
    finally:
        doors.close()
