"""What the device's machine asks of its storage, and what storage answers."""

from dataclasses import dataclass

from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.down_messages import CommandResult, ConfigDocument, ConfigResult, DeviceCommand
from doorward_sync.event import Event, Lane
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject
from doorward_sync.messages import Hole, LaneStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvents:
    """Read committed events above after_seq, in order of seq; answered by EventsRead."""

    lane: Lane
    """The lane."""
    after_seq: int
    """Highest one not wanted."""
    limit: int
    """At most so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsRead:
    """Answer to ReadEvents."""

    lane: Lane
    """As asked."""
    after_seq: int
    """As asked."""
    events: tuple[Event, ...]
    """What there is; starts later than after_seq + 1 only where rows were purged."""
    quarantined: frozenset[int] = frozenset()
    """Sequence numbers among them that are in quarantine: they are declared, not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Raise the watermark of a lane; no answer. Only now may rows up to it be purged, after the window."""

    lane: Lane
    """The lane."""
    through_seq: int
    """The watermark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewindTo:
    """Lower the watermark of a lane; answered by LaneRewound."""

    lane: Lane
    """The lane."""
    through_seq: int
    """The watermark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRewound:
    """Answer to RewindTo."""

    status: LaneStatus
    """The lane now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHole:
    """See that the hole stands in the ledger, once per (lane, from_seq, to_seq); no answer. Told on every resend."""

    lane: Lane
    """The lane."""
    hole: Hole
    """The hole."""


@dataclass(frozen=True, slots=True)
class NoteAnchor:
    """Keep what is now known of the clock of this boot; no answer."""

    anchor: ClockAnchor
    """The anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Put an event aside, and declare it in the ledger, in one transaction; answered by Quarantined. Idempotent."""

    lane: Lane
    """The lane."""
    seq: int
    """The event."""
    reason: str
    """Why, for who looks at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """Answer to Quarantine."""

    lane: Lane
    """The lane."""


@dataclass(frozen=True, slots=True)
class OpenEpoch:
    """In one transaction: a new epoch, and everything unacknowledged of every lane renumbered from 1.

    Ids, kinds, times, salts and payloads stay; keys and chain links are new. Answered by EpochOpened.
    """


@dataclass(frozen=True, slots=True)
class EpochOpened:
    """Answer to OpenEpoch."""


@dataclass(frozen=True, slots=True)
class ApplyDelta:
    """Apply it in one transaction by the rule of gallery_state.py; answered by DeltaApplied."""

    delta: GalleryDelta
    """The delta."""


@dataclass(frozen=True, slots=True)
class DeltaApplied:
    """Answer to ApplyDelta."""

    result: GalleryDeltaResult
    """For the centre."""


@dataclass(frozen=True, slots=True)
class StageChunk:
    """Take it by the rule of chunk_rule.py and keep it aside; with the last one apply all of them in one transaction,
    by gallery_state.judge_delta. Answered by ChunkStaged.
    """

    chunk: GalleryChunk
    """The chunk."""


@dataclass(frozen=True, slots=True)
class ChunkStaged:
    """Answer to StageChunk, on disk."""

    result: GalleryChunkResult
    """For the centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLocalChanges:
    """Read local changes above after_change, in order; answered by LocalChangesRead."""

    after_change: int
    """Highest one not wanted."""
    limit: int
    """At most so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalChangesRead:
    """Answer to ReadLocalChanges."""

    after_change: int
    """As asked."""
    subjects: tuple[LocalSubject, ...]
    """What there is."""


@dataclass(frozen=True, slots=True)
class AcknowledgeLocal:
    """Raise the watermark of local changes; no answer."""

    through_change: int
    """The watermark."""


@dataclass(frozen=True, slots=True)
class ApplyConfig:
    """Check the configuration whole, then keep it, or keep what is there; answered by ConfigApplied."""

    document: ConfigDocument
    """What the centre wants."""


@dataclass(frozen=True, slots=True)
class ConfigApplied:
    """Answer to ApplyConfig."""

    result: ConfigResult
    """For the centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOut:
    """Put a command on record, then do it; one on record is answered from there. Answered by CommandCarriedOut."""

    command: DeviceCommand
    """The command."""
    deadline_boottime_ns: int
    """After this moment since boot nothing is begun."""


@dataclass(frozen=True, slots=True)
class CommandCarriedOut:
    """Answer to CarryOut."""

    result: CommandResult
    """For the centre."""
