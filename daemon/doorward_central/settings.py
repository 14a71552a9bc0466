"""What the centre can be told."""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Interval

_GIB = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSettings:
    """Where devices reach the centre."""

    address: str = "127.0.0.1:8330"
    """host:port, or unix:/path. Beyond loopback only behind something that proves who a device is."""
    grace_s: Annotated[float, Interval(ge=0.0, le=60.0)] = 3.0
    """How long streams may take to end when the centre stops."""
    max_streams: Annotated[int, Interval(ge=1, le=100_000)] = 10_000
    """Devices connected at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UplinkSettings:
    """How devices are treated."""

    handshakes_per_s: Annotated[float, Interval(ge=0.1, le=100_000)] = 100.0
    """New streams per second; more are sent away with a time to come back."""
    handshake_burst: Annotated[float, Interval(ge=1, le=100_000)] = 200.0
    """New streams at once."""
    heartbeat_interval_s: Annotated[int, Interval(ge=1, le=300)] = 25
    """Seconds between signs of life of both ends."""
    credit: Annotated[int, Interval(ge=1, le=16)] = 2
    """Batches under way per lane and device."""
    gallery_chunk_bytes: Annotated[int, Interval(ge=1024, le=1024 * 1024)] = 256 * 1024
    """Size of one part of the gallery on its way to a device; after a break it goes on with the first part missing."""
    reconnect_spread_s: Annotated[float, Interval(ge=0.0, le=3600.0)] = 120.0
    """Longest time within which a device that is sent away comes back; drawn at random, so that a fleet does not come
    at once. A centre beside its only device may set 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """How much is kept."""

    max_bytes: Annotated[int, Interval(ge=1024 * 1024, le=4096 * _GIB)] = 64 * _GIB
    """Size of the database from which nothing more is taken in; devices keep what is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreSettings:
    """All of it."""

    listener: ListenerSettings = field(default_factory=ListenerSettings)
    """Where devices reach the centre."""
    uplink: UplinkSettings = field(default_factory=UplinkSettings)
    """How devices are treated."""
    store: StoreSettings = field(default_factory=StoreSettings)
    """How much is kept."""
