"""The states of a door as a pure machine: every transition gives a new one, time comes in from outside."""

from dataclasses import dataclass, replace
from enum import StrEnum


class DoorState(StrEnum):
    """How a door is."""

    LOCKED = "LOCKED"
    UNLOCKED = "UNLOCKED"
    FAULT = "FAULT"
    """It did not do as it was told; whether it is locked is not known."""


@dataclass(frozen=True, slots=True)
class DoorMachine:
    """One door at one moment. Times are monotonic nanoseconds."""

    state: DoorState = DoorState.LOCKED
    """How it is."""
    locks_at_mono_ns: int = 0
    """When it locks by itself; 0 where it is not unlocked."""
    problem: str = ""
    """What went wrong; empty where nothing did."""

    def unlock(self, now_mono_ns: int, duration_s: float) -> "DoorMachine":
        """The door answered and is unlocked; again while it is unlocked makes it longer, never shorter.

        Args:
            now_mono_ns: now.
            duration_s: for how long, above 0.

        Raises:
            ValueError: no duration.
        """
        if not 0.0 < duration_s < float("inf"):
            raise ValueError(f"duration_s: expected above 0, found {duration_s}")
        until_ns = now_mono_ns + round(duration_s * 1e9)
        if self.state is DoorState.UNLOCKED:
            until_ns = max(until_ns, self.locks_at_mono_ns)
        return DoorMachine(DoorState.UNLOCKED, until_ns)

    def lock(self) -> "DoorMachine":
        """The door answered and is locked; this also ends a fault."""
        return DoorMachine()

    def fail(self, problem: str) -> "DoorMachine":
        """The door did not do as it was told.

        Args:
            problem: what was seen.
        """
        return replace(self, state=DoorState.FAULT, locks_at_mono_ns=0, problem=problem)

    def at(self, now_mono_ns: int) -> "DoorMachine":
        """How the door is at a later moment: an unlocked one locks by itself when its time is over."""
        is_over = self.state is DoorState.UNLOCKED and now_mono_ns >= self.locks_at_mono_ns
        return DoorMachine() if is_over else self
