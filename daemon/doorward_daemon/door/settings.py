"""What an operator can say about a door."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """One door."""

    door_id: Annotated[str, Len(1, 64)] = "main"
    """Its name in events and requests."""
    display_name: Annotated[str, Len(0, 200)] = ""
    """Its name for a screen."""
    driver: Literal["simulated"] = "simulated"
    """What moves its lock."""
    answer_ms: Annotated[int, Interval(ge=10, le=10_000)] = 500
    """Longest wait for the lock's answer; then the door is in state FAULT."""
