"""How long the face of a decision is remembered."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMemorySettings:
    """How long and of how many decisions the face is remembered, so that an operator can say who it was not."""

    keep_min: Annotated[float, Interval(ge=0.0, le=60.0)] = 10.0
    """Minutes after which the face of a decision is forgotten; 0 remembers none."""
    max_decisions: Annotated[int, Interval(ge=0, le=1000)] = 200
    """Decisions remembered at most, the newest ones; 0 remembers none."""
