"""When a device tries again: a pure function, so that a fleet can be simulated."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPolicy:
    """Spread of the attempts. A device beside its centre may set the first spread to 1 s."""

    first_spread_s: Annotated[float, Interval(ge=0, le=3600)] = 120.0
    """First retry after a healthy connection: uniform in 0..this. The storm is made by this one (SYNC.md 2.7)."""
    base_s: Annotated[float, Interval(ge=0.01, le=300)] = 15.0
    """Later retries: uniform in 0..base * 2^attempt. With 5 s a fleet of 10,000 would come back at 242 a second."""
    cap_s: Annotated[float, Interval(ge=0.01, le=3600)] = 300.0
    """Widest spread."""
    healthy_s: Annotated[float, Interval(ge=1, le=3600)] = 60.0
    """A connection that lasted so long starts the count anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """The next attempt."""

    after_s: float
    """Wait so long."""
    attempt: int
    """Failures since the last healthy connection; hand it in again next time."""


def next_retry(
    policy: ReconnectPolicy,
    attempt: int,
    connected_s: float,
    chance: float,
    hint_s: tuple[float, float] | None = None,
) -> Retry:
    """When to try again.

    Args:
        policy: the spread.
        attempt: Retry.attempt of the last time; 0 at the start.
        connected_s: how long the connection that just ended was open after its greeting; 0 where it never was.
        chance: a fresh random number, 0..1.
        hint_s: range the centre prescribed (GoAway, retry information); wins.
    """
    healthy = connected_s >= policy.healthy_s
    later = 0 if healthy else attempt + 1
    if hint_s is not None:
        low, high = max(0.0, hint_s[0]), max(0.0, *hint_s)
        return Retry(after_s=low + (high - low) * chance, attempt=later)
    # 2^30 is far above any cap; a larger power would only overflow.
    spread = policy.first_spread_s if healthy else min(policy.cap_s, policy.base_s * 2.0 ** min(attempt, 30))
    return Retry(after_s=spread * chance, attempt=later)
