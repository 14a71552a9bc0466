"""What the uplink can be told."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkSettings:
    """Where the centre is, and how patiently it is asked."""

    centre_address: str = ""
    """host:port or unix:/path of the centre; empty = no uplink, everything stays on this device."""
    first_retry_max_s: Annotated[float, Interval(ge=0.0, le=3600.0)] = 120.0
    """First retry after a healthy connection: at a random moment within this, so that a fleet does not come at once."""
    retry_base_s: Annotated[float, Interval(ge=0.01, le=300.0)] = 15.0
    """Later retries: at a random moment within this, doubled with every failure."""
    retry_cap_s: Annotated[float, Interval(ge=0.01, le=3600.0)] = 300.0
    """Longest time between two retries."""
    answer_timeout_s: Annotated[float, Interval(ge=5.0, le=600.0)] = 60.0
    """How long an acknowledgement may take before the connection is given up."""
    greeting_timeout_s: Annotated[float, Interval(ge=1.0, le=120.0)] = 10.0
    """How long the centre's first message may take; a stream that gets none is taken for one that something breaks."""
    stream_retry_s: Annotated[float, Interval(ge=1.0, le=86_400.0)] = 3600.0
    """How long single calls are used where something between breaks streams, before a stream is tried again."""
    lease_h: Annotated[float, Interval(ge=0.0, le=87_600.0)] = 0.0
    """Hours without a sign of the centre, as far as the box was on, after which `on_lease_end` counts; 0 = never."""
    on_lease_end: Literal["serve", "deny"] = "serve"
    """serve: goes on, and says so in the status; deny: recognises, but opens no door until the centre is back."""
