"""Everything that goes into and comes out of the device's machine, and its states."""

from enum import StrEnum

from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult
from doorward_sync.device_storage import (
    Acknowledge,
    AcknowledgeLocal,
    ApplyConfig,
    ApplyDelta,
    CarryOut,
    ChunkStaged,
    CommandCarriedOut,
    ConfigApplied,
    DeltaApplied,
    EpochOpened,
    EventsRead,
    LaneRewound,
    LocalChangesRead,
    NoteAnchor,
    OpenEpoch,
    Quarantine,
    Quarantined,
    ReadEvents,
    ReadLocalChanges,
    RecordHole,
    RewindTo,
    StageChunk,
)
from doorward_sync.down_messages import CommandOrder, CommandResult, ConfigOffer, ConfigResult
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubjects, LocalSubjectsAck
from doorward_sync.messages import Ack, Batch, Conflict, Credit, GoAway, Heartbeat, Hello, HelloAck, Hint, Rewind
from doorward_sync.outputs import Alarm, Close, Send

DeviceResult = GalleryDeltaResult | GalleryChunkResult | ConfigResult | CommandResult
DeviceMessage = Hello | Batch | Hint | Heartbeat | LocalSubjects | DeviceResult
DownMessage = GalleryDelta | GalleryChunk | LocalSubjectsAck | ConfigOffer | CommandOrder
CentreMessage = HelloAck | Ack | Rewind | Conflict | Credit | Heartbeat | GoAway | DownMessage
DownStored = DeltaApplied | ChunkStaged | ConfigApplied | CommandCarriedOut
DeviceStorageResult = EventsRead | LaneRewound | EpochOpened | LocalChangesRead | Quarantined | DownStored
DeviceStorageCommand = (
    ReadEvents
    | Acknowledge
    | RewindTo
    | RecordHole
    | NoteAnchor
    | Quarantine
    | OpenEpoch
    | ApplyDelta
    | StageChunk
    | ReadLocalChanges
    | AcknowledgeLocal
    | ApplyConfig
    | CarryOut
)
DeviceOutput = Send[DeviceMessage] | DeviceStorageCommand | Close | Alarm


class DeviceState(StrEnum):
    """Where a device's session stands."""

    GREETING = "greeting"
    """Hello is sent."""
    OPEN = "open"
    """HelloAck came."""
    MOVING = "moving"
    """Storage opens a new epoch; nothing is sent."""
    CLOSED = "closed"
    """Over; every input is ignored."""
