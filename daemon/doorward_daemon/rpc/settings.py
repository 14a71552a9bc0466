"""What an operator can set about serving clients; limits and clocks follow what was measured for grpc.aio."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcSettings:
    """Listeners, limits and clocks of the wire contract."""

    viewer_group: str = ""
    """Group that may open viewer.sock; empty leaves the group of the daemon's user."""
    operator_group: str = ""
    """Group that may open operator.sock; empty as above."""
    enroller_group: str = ""
    """Group that may open enroller.sock; empty as above."""
    admin_group: str = ""
    """Group that may open admin.sock; empty as above."""
    tcp_enabled: bool = False
    """Also listen on TCP, with a bearer token per role (<home>/data/tokens)."""
    tcp_host: Literal["127.0.0.1", "::1"] = "127.0.0.1"
    """Loopback only: a token in the clear must not leave the box."""
    tcp_port: Annotated[int, Interval(ge=0, le=65535)] = 8322
    """Port; 0 takes any that is free."""
    workers: Annotated[int, Interval(ge=1, le=64)] = 2
    """Threads that judge pictures."""
    max_queued: Annotated[int, Interval(ge=0, le=1024)] = 16
    """Calls that may wait for such a thread; more are refused with OVERLOADED before their picture is read."""
    max_wait_s: Annotated[float, Interval(ge=0.01, le=600.0)] = 10.0
    """Longest wait for a thread, seconds; a caller's shorter deadline counts."""
    answer_cache_s: Annotated[float, Interval(ge=0.0, le=600.0)] = 30.0
    """The same picture asked about again within this is answered from memory while the gallery has not changed,
    seconds; 0 switches it off. Doors, punches and streams are judged anew every time."""
    answer_cache_entries: Annotated[int, Interval(ge=1, le=10_000)] = 256
    """Answers remembered."""
    max_message_bytes: Annotated[int, Interval(ge=MIB, le=64 * MIB)] = 9 * MIB
    """Largest message, bytes: a picture of 8 MiB and what surrounds it."""
    max_concurrent_rpcs: Annotated[int, Interval(ge=8, le=4096)] = 64
    """Calls per listener, streams included."""
    max_streams_per_connection: Annotated[int, Interval(ge=1, le=4096)] = 256
    """HTTP/2 streams per connection; calls beyond it fail without a reason, so it lies far above `max_queued`."""
    max_watchers: Annotated[int, Interval(ge=1, le=1024)] = 32
    """Streams per listener; it lies below `max_concurrent_rpcs`, so that calls always pass."""
    heartbeat_s: Annotated[float, Interval(ge=0.05, le=60.0)] = 5.0
    """A stream gives a sign of life after so long a silence, seconds."""
    write_timeout_s: Annotated[float, Interval(ge=0.1, le=600.0)] = 20.0
    """A stream whose reader takes nothing for so long ends with SLOW_READER, seconds."""
    max_waiting_events: Annotated[int, Interval(ge=16, le=100_000)] = 1000
    """Events held in memory for a reader of the record; one that falls further behind is told from the disk."""
    first_message_timeout_s: Annotated[float, Interval(ge=0.01, le=600.0)] = 10.0
    """Longest wait for a call's message, seconds."""
    handshake_timeout_s: Annotated[float, Interval(ge=0.1, le=600.0)] = 5.0
    """Longest wait for a connection's first bytes, seconds; without it a silent one stays open."""
    idle_timeout_s: Annotated[float, Interval(ge=1.0, le=86400.0)] = 300.0
    """A connection without calls is closed after this, seconds."""
    keepalive_time_s: Annotated[float, Interval(ge=10.0, le=7200.0)] = 120.0
    """A quiet peer is asked whether it is there after this, seconds."""
    keepalive_timeout_s: Annotated[float, Interval(ge=1.0, le=600.0)] = 20.0
    """Longest wait for its answer, seconds."""
    min_ping_interval_s: Annotated[float, Interval(ge=1.0, le=7200.0)] = 30.0
    """Clients that ask more often than this on a quiet connection are disconnected, seconds."""
    connection_age_s: Annotated[float, Interval(ge=60.0, le=604800.0)] = 43200.0
    """A connection is renewed after this, within ten percent, seconds."""
    connection_age_grace_s: Annotated[float, Interval(ge=1.0, le=3600.0)] = 60.0
    """How long calls on such a connection may go on, seconds."""
    grace_s: Annotated[float, Interval(ge=0.0, le=60.0)] = 5.0
    """How long calls in hand may take when the daemon stops, seconds."""
