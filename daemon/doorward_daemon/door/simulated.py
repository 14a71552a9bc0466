"""A door without a lock: for the demonstration, for trials, and for boxes whose door is elsewhere."""

import threading
import time
from collections.abc import Callable

from doorward_daemon.access import DoorMachine, DoorState
from doorward_daemon.errors import ErrorReason, Fault


class SimulatedDoor:
    """Unlocks for as long as it is told, by a monotonic clock. Thread-safe.

    Args:
        clock_ns: monotonic nanoseconds.
        answers: False makes a door that hangs: no command is answered before close().
        refuses: True makes a door that answers every command with a fault.
    """

    def __init__(
        self, clock_ns: Callable[[], int] = time.monotonic_ns, *, answers: bool = True, refuses: bool = False
    ) -> None:
        self._clock_ns = clock_ns
        self._answers = answers
        self._refuses = refuses
        self._machine = DoorMachine()
        self._pulses = 0
        self._closed = threading.Event()

    @property
    def pulses(self) -> int:
        """Times it was unlocked."""
        return self._pulses

    def pulse(self, duration_s: float) -> None:
        """Unlocks for a while.

        Raises:
            Fault: DOOR_FAULT, it was made to refuse, or closed while it did not answer.
        """
        self._answer()
        self._pulses += 1
        self._machine = self._machine.at(self._clock_ns()).unlock(self._clock_ns(), duration_s)

    def lock(self) -> None:
        """Locks now. Raises as `pulse`."""
        self._answer()
        self._machine = self._machine.lock()

    def state(self) -> DoorState:
        """How it is."""
        return self._machine.at(self._clock_ns()).state

    def close(self) -> None:
        """Locks, and ends what still waits."""
        self._closed.set()
        self._machine = self._machine.lock()

    def _answer(self) -> None:
        if not self._answers:
            self._closed.wait()
        if self._refuses or not self._answers:
            raise Fault(ErrorReason.DOOR_FAULT, "the simulated door was made to refuse every command")
