"""What every kind of door has to be able to do."""

from typing import Protocol

from doorward_daemon.access import DoorState


class DoorDriver(Protocol):
    """Moves one lock. Commands come one at a time from one thread; state() and close() from any."""

    def pulse(self, duration_s: float) -> None:
        """Unlocks the door for a while; returns when the lock has answered, not when the time is over.

        Args:
            duration_s: for how long; the lock, or the driver, locks again by itself.

        Raises:
            Fault: DOOR_FAULT, the lock said no.
        """

    def lock(self) -> None:
        """Locks the door now; harmless where it is locked.

        Raises:
            Fault: DOOR_FAULT, the lock said no.
        """

    def state(self) -> DoorState:
        """How the lock is, at once."""

    def close(self) -> None:
        """Lets the lock go: it locks, and a command that still waits for an answer ends with DOOR_FAULT."""
