"""A token bucket as a value: how many handshakes a centre takes per second."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBucket:
    """Tokens at a moment."""

    rate_per_s: float
    """Tokens that come per second."""
    burst: float
    """Most tokens at once."""
    tokens: float
    """Tokens now."""
    at_s: float
    """The moment, monotonic."""

    def take(self, now_s: float) -> tuple["TokenBucket", float]:
        """Takes one token where there is one.

        Returns:
            The bucket after it, and 0.0 where a token was taken, else the seconds until there is one.
        """
        elapsed_s = max(0.0, now_s - self.at_s)
        tokens = min(self.burst, self.tokens + elapsed_s * self.rate_per_s)
        wait_s = 0.0 if tokens >= 1.0 else (1.0 - tokens) / self.rate_per_s
        left = tokens - 1.0 if wait_s == 0.0 else tokens
        return TokenBucket(rate_per_s=self.rate_per_s, burst=self.burst, tokens=left, at_s=now_s), wait_s
