"""What the centre's machine asks of its storage, and what storage answers, in the order of asking."""

from dataclasses import dataclass

from doorward_sync.chunk_messages import GalleryChunk, GalleryPlace
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.down_messages import CommandResult, ConfigDocument, ConfigResult, DeviceCommand
from doorward_sync.event import Event, Lane
from doorward_sync.gallery_messages import GalleryDelta, LocalSubject
from doorward_sync.messages import Batch, HaveThrough


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLanes:
    """Read what is committed of a device's epoch; answered by LanesLoaded after everything asked before it."""

    device_id: str
    """The device."""
    epoch: int
    """The epoch."""


@dataclass(frozen=True, slots=True)
class LanesLoaded:
    """Answer to LoadLanes."""

    have: tuple[HaveThrough, ...]
    """What there is; a lane that is not named has nothing."""
    config: ConfigDocument | None = None
    """The configuration the device is to have; None where the centre holds none."""
    commands: "tuple[PendingCommand, ...]" = ()
    """Commands of the device without an answer, oldest first."""
    gallery: tuple[int, bytes] = (0, b"")
    """Revision and digest of the centre's gallery; no digest where it is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBatch:
    """Store it by the rule of admission.py; answered by BatchStored after the commit, or by StoreFailed."""

    device_id: str
    """The device."""
    epoch: int
    """The epoch."""
    batch: Batch
    """The batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStored:
    """The transaction is on disk."""

    lane: Lane
    """The lane."""
    confirmed_through: int
    """Admission.confirmed_through."""
    conflict_seq: int | None = None
    """Admission.conflict_seq."""
    missing_from: int | None = None
    """Admission.missing_from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAnchor:
    """Note what is known of a device's clock; no answer."""

    device_id: str
    """The device."""
    anchor: ClockAnchor
    """The anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHint:
    """Note an alarm that runs ahead of its device's queue, unless its event is there; no answer."""

    device_id: str
    """The device."""
    event: Event
    """The alarm."""


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """Nothing was stored."""

    detail: str
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadGallery:
    """Read what changed since a revision; answered by GalleryRead.

    Storage answers with a snapshot where the revision is older than its tombstones reach, or is unknown to it.
    """

    from_revision: int
    """The device's revision."""
    snapshot: bool
    """Whether a snapshot is asked for."""
    chunk: "ChunkWanted | None" = None
    """Where the device takes chunks: read one of them, by chunk_rule.py. None reads all changes at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkWanted:
    """Which chunk."""

    place: GalleryPlace | None
    """What the device keeps aside; where it does not continue the transfer, the first chunk is meant."""
    largest_bytes: int
    """Of the chunk, by chunk_rule.weight_of."""


@dataclass(frozen=True, slots=True)
class GalleryRead:
    """Answer to ReadGallery."""

    delta: GalleryDelta | GalleryChunk | None
    """The changes, or a chunk of them without a session; None where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLocalSubjects:
    """Merge them by gallery_state.winner and raise the revision; answered by LocalSubjectsStored after the commit."""

    device_id: str
    """The device."""
    subjects: tuple[LocalSubject, ...]
    """The changes."""


@dataclass(frozen=True, slots=True)
class LocalSubjectsStored:
    """The transaction is on disk."""

    through_change: int
    """Highest change of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCommand:
    """A command that no answer is known of."""

    command: DeviceCommand
    """The command."""
    expire_time_us: int
    """When it expires, the centre's clock, microseconds since 1970 UTC."""
    was_sent: bool = False
    """Whether it may have reached the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkCommandSent:
    """Note that a command is about to be sent; answered by CommandMarked after the commit."""

    command_id: str
    """The command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMarked:
    """Answer to MarkCommandSent."""

    command_id: str
    """The command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCommandResult:
    """Note what became of a command, once; no answer."""

    device_id: str
    """The device."""
    result: CommandResult
    """What it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfigResult:
    """Note how a device took its configuration; no answer."""

    device_id: str
    """The device."""
    result: ConfigResult
    """What it says."""
