"""What the contract is served with."""

from collections.abc import Callable
from dataclasses import dataclass

from doorward_daemon.model.picture import Picture
from doorward_daemon.rpc.ports import (
    AccessDesk,
    AttendanceDesk,
    CameraDesk,
    DeviceDesk,
    EnrolmentDesk,
    EventReads,
    FrameJudge,
    GalleryReads,
    Recogniser,
    UplinkReads,
)
from doorward_daemon.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class RpcParts:
    """The rooms behind the contract; what is None is not served."""

    recogniser: Recogniser
    """Judges pictures."""
    enrolment: EnrolmentDesk
    """Changes the gallery."""
    gallery: GalleryReads
    """Reads the gallery."""
    device: DeviceDesk
    """Tells about the device."""
    decode: Callable[[bytes], Picture]
    """Decodes a picture within its limits."""
    metrics: Metrics
    """Where calls and outcomes are counted."""
    events: EventReads | None = None
    """Reads the journal."""
    cameras: CameraDesk | None = None
    """Shows the cameras."""
    access: AccessDesk | None = None
    """Shows and opens the doors."""
    attendance: AttendanceDesk | None = None
    """Records who came and went."""
    frames: FrameJudge | None = None
    """Judges streams of frames; without it IdentifyStream is UNIMPLEMENTED."""
    uplink: UplinkReads | None = None
    """Knows the connection to the centre; without it GetUplinkStatus says DISABLED."""
