"""How long to wait before a lost camera is opened again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter: many cameras behind one switch do not come back in step."""

    base_s: float
    """Upper end of the first wait, seconds."""
    cap_s: float
    """Upper end of the longest wait, seconds."""

    def wait_s(self, attempt: int, chance: random.Random) -> float:
        """Seconds to wait before an attempt.

        Args:
            attempt: 0 for the first one after a loss.
            chance: source of the jitter.

        Returns:
            Uniform in (0, min(cap, base * 2^attempt)], never below a twentieth of the base.
        """
        upper_s = min(self.cap_s, self.base_s * 2.0 ** min(attempt, 30))
        return max(self.base_s / 20.0, chance.uniform(0.0, upper_s))
