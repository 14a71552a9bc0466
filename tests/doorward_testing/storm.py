"""A fleet that comes back after its centre was away: reconnection by the shipped policies, in simulated time."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from doorward_sync.centre_greeting import CentreGreeting
from doorward_sync.centre_session import CentreSession
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import GoAway, GoAwayReason
from doorward_sync.outputs import Send
from doorward_sync.reconnect import ReconnectPolicy, next_retry
from doorward_sync.token_bucket import TokenBucket

POLICY = ReconnectPolicy()
"""As shipped."""
_ADMITTED_PER_S = 100.0
_BURST = 200.0
_PATIENCE_S = 900.0
"""Who is not in by then counts as left outside."""
_HEALTHY_S = 3600.0
"""How long the devices had been connected before the centre went away."""


@dataclass(frozen=True, slots=True)
class Storm:
    """What became of it."""

    peak_per_s: int
    """Most attempts within a second that reached the centre, once it was back."""
    connected_after_s: float
    """When the last device was let in, from the moment the centre went away."""
    p99_after_return_s: float
    """When 99 of 100 were, from the moment it was back."""


def simulate(devices: int, outage_s: float, seed: int, chance: Callable[[random.Random], float]) -> Storm:
    """All devices lose their centre at once; it is back after a while and lets in as many per second as it ships with.

    Args:
        devices: of the fleet.
        outage_s: how long the centre is away.
        seed: of the devices' chances.
        chance: draws a device's random number; a red twin draws the same for all.
    """
    dice = random.Random(seed)
    first = [next_retry(POLICY, 0, _HEALTHY_S, chance(dice)) for _ in range(devices)]
    queue = [(retry.after_s, device, retry.attempt) for device, retry in enumerate(first)]
    heapq.heapify(queue)
    bucket = TokenBucket(rate_per_s=_ADMITTED_PER_S, burst=_BURST, tokens=_BURST, at_s=0.0)
    attempts: Counter[int] = Counter()
    let_in: list[float] = []
    while queue:
        now_s, device, attempt = heapq.heappop(queue)
        hint = None
        if now_s >= outage_s:
            attempts[int(now_s - outage_s)] += 1
            bucket, wait_s = bucket.take(now_s)
            if wait_s == 0.0:
                let_in.append(now_s)
                continue
            hint = _sent_away()
        retry = next_retry(POLICY, attempt, 0.0, chance(dice), hint)
        heapq.heappush(queue, (now_s + max(retry.after_s, 0.01), device, retry.attempt))
        if now_s > outage_s + _PATIENCE_S:
            break
    missing = devices - len(let_in)
    last_s = float("inf") if missing else max(let_in)
    p99_s = sorted(let_in)[int(0.99 * len(let_in))] - outage_s if let_in else float("inf")
    return Storm(max(attempts.values()), last_s, p99_s)


def _sent_away() -> tuple[float, float]:
    """What a centre that is overloaded tells a device, as it ships."""
    greeting = CentreGreeting(session_id="s", device_id="gate-1", gallery_revision=0)
    outputs = CentreSession(greeting, UplinkLimits(), 0.0).end(GoAwayReason.OVERLOADED)
    (message,) = [output.message for output in outputs if isinstance(output, Send)]
    assert isinstance(message, GoAway)
    return message.reconnect_after_min_ms / 1000, message.reconnect_after_max_ms / 1000
