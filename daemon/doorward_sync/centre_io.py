"""Everything that goes into and comes out of the centre's machine, and its states."""

from enum import StrEnum

from doorward_sync.centre_storage import (
    BatchStored,
    CommandMarked,
    GalleryRead,
    LanesLoaded,
    LoadLanes,
    LocalSubjectsStored,
    MarkCommandSent,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreCommandResult,
    StoreConfigResult,
    StoreFailed,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.device_io import CentreMessage
from doorward_sync.outputs import Alarm, Close, Send

CentreStorageCommand = LoadLanes | StoreBatch | ReadGallery | StoreLocalSubjects | MarkCommandSent
CentreStorageResult = LanesLoaded | BatchStored | StoreFailed | GalleryRead | LocalSubjectsStored | CommandMarked
CentreNote = StoreAnchor | StoreHint | StoreConfigResult | StoreCommandResult
CentreOutput = Send[CentreMessage] | CentreStorageCommand | CentreNote | Close | Alarm


class CentreState(StrEnum):
    """Where a centre's session stands."""

    WAITING = "waiting"
    """For Hello."""
    LOADING = "loading"
    """Storage looks up what is there."""
    OPEN = "open"
    """HelloAck is sent."""
    CLOSED = "closed"
    """Over; every input is ignored."""
