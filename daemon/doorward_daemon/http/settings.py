"""What an operator can set about health and metrics over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Health and metrics for probes and Prometheus on the same box."""

    enabled: bool = True
    """Whether to listen."""
    host: Literal["127.0.0.1", "::1"] = "127.0.0.1"
    """Loopback only: there is no login here."""
    port: Annotated[int, Interval(ge=0, le=65535)] = 8321
    """Port; 0 takes any that is free."""
