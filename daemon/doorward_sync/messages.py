"""The messages of the uplink about events, as values: the wire contract without the wire."""

from dataclasses import dataclass
from enum import StrEnum

from doorward_sync.chunk_messages import GalleryPlace
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.event import Event, Lane


class HoleReason(StrEnum):
    """Why events are missing for good."""

    PURGED_AFTER_ACK = "purged_after_ack"
    """The centre had them, lost them, and the device keeps them no longer."""
    EVICTED = "evicted"
    """Lane BULK gave them up for room before they were sent."""
    QUARANTINED = "quarantined"
    """They could not be read or sent; the device keeps them aside."""


class GoAwayReason(StrEnum):
    """Why the centre ends a stream."""

    TAKEN_OVER = "taken_over"
    """A newer stream of the same device took over."""
    SHUTTING_DOWN = "shutting_down"
    """The centre stops."""
    OVERLOADED = "overloaded"
    """Too many handshakes, or more batches than credit."""
    PROTOCOL = "protocol"
    """The device broke the protocol, or speaks no common version."""
    STORAGE_FAILED = "storage_failed"
    """The centre cannot store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneStatus:
    """State of one lane of a device's journal, in the journal's epoch."""

    lane: Lane
    """The lane."""
    first_retained_seq: int
    """Oldest event the device has; last_seq + 1 where it has none."""
    last_seq: int
    """Newest event; 0 while nothing was ever written."""
    acked_seq: int
    """Highest event the centre has acknowledged, cumulative."""
    chain_head_at_acked: bytes
    """Chain link of the event acked_seq; empty in lane BULK, before the first, and where that event is purged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """First message of a device on a stream."""

    min_protocol: int
    """Oldest protocol version the device speaks."""
    max_protocol: int
    """Newest one."""
    device_id: str
    """Identity of the device."""
    epoch: int
    """Epoch of its journal."""
    lanes: tuple[LaneStatus, ...]
    """Its lanes."""
    boot_id: str
    """Its boot."""
    boottime_ns: int
    """Nanoseconds since that boot."""
    wall_time_us: int
    """Its wall clock, microseconds since 1970 UTC."""
    gallery_revision: int
    """Revision of the gallery the centre gave it; 0 before the first."""
    config_revision: int
    """Revision of the configuration the centre gave it; 0 before the first."""
    embedding_id: str
    """Embedding space of its pack."""
    version: str
    """Version of its daemon."""
    anchors: tuple[ClockAnchor, ...] = ()
    """What it knows of its clock in its last boots."""
    config_digest: bytes = b""
    """Digest of the configuration the centre gave it; empty before the first."""
    takes_gallery_chunks: bool = False
    """Whether changes of the gallery may come in chunks; else they come as one GalleryDelta."""
    gallery_staged: GalleryPlace | None = None
    """Chunks that lie on its disk and are not in force yet."""
    gallery_digest: bytes = b""
    """Digest of the gallery the centre gave it; empty where it is not told, or, beside chunks, where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaveThrough:
    """What the centre has of one lane."""

    lane: Lane
    """The lane."""
    through_seq: int
    """Highest contiguous event committed, declared holes included; 0 for none."""
    chain_head: bytes
    """Chain link of that event at the centre; empty in lane BULK and where it is a hole.

    Without it, a centre restored from a backup and fed by a clone would swallow the part in which both differ.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloAck:
    """First message of the centre on a stream."""

    protocol: int
    """Protocol version of the stream."""
    session_id: str
    """Identity of the session; answers of another one are ignored."""
    have: tuple[HaveThrough, ...]
    """What the centre has of the device's epoch; a lane that is not named has nothing."""
    credit: int
    """Batches that may be under way per lane."""
    centre_time_us: int
    """Wall clock of the centre, microseconds since 1970 UTC."""
    heartbeat_interval_s: int
    """Seconds between signs of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Events that will never come: from_seq..to_seq, both included."""

    from_seq: int
    """First one."""
    to_seq: int
    """Last one."""
    reason: HoleReason
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Consecutive events of one lane; holes and events together leave no gap."""

    lane: Lane
    """The lane."""
    events: tuple[Event, ...]
    """In order of seq."""
    holes: tuple[Hole, ...] = ()
    """In order, between or before the events."""


@dataclass(frozen=True, slots=True)
class Hint:
    """An alarm ahead of the queue: no effect on what is acknowledged, no answer; its event comes in its turn."""

    event: Event
    """As it stands in the journal; without its payload where that is large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Everything up to here is committed at the centre."""

    session_id: str
    """Session it belongs to."""
    lane: Lane
    """The lane."""
    through_seq: int
    """Cumulative, and never above what the device sent in this session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewind:
    """Send again from here."""

    session_id: str
    """Session it belongs to."""
    lane: Lane
    """The lane."""
    from_seq: int
    """First event that is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The centre has another event under this key; both are kept. The device opens a new epoch."""

    session_id: str
    """Session it belongs to."""
    lane: Lane
    """The lane."""
    seq: int
    """The key that is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Batches that may be under way per lane from now on."""

    batches: int
    """1..LARGEST_CREDIT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life of either end."""

    boottime_ns: int
    """Nanoseconds since boot of the device; from the centre that of the heartbeat it answers at once, or 0."""
    wall_time_us: int
    """Wall clock of the sender, microseconds since 1970 UTC."""
    anchor: ClockAnchor | None = None
    """What the device knows of its clock in this boot; None from the centre."""
    is_storing: bool = False
    """Whether the device is bringing to its disk what came down: what it owes an answer to is not late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAway:
    """The stream ends; come back within this range, drawn at random."""

    reason: GoAwayReason
    """Why."""
    reconnect_after_min_ms: int
    """Earliest return."""
    reconnect_after_max_ms: int
    """Latest return."""
