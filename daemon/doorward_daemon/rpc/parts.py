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
    """The rooms behind the contract; what is None is not served, or refused where `closed` says why."""

    device: DeviceDesk
    """Tells about the device."""
    metrics: Metrics
    """Where calls and outcomes are counted."""
    recogniser: Recogniser | None = None
    """Judges pictures."""
    enrolment: EnrolmentDesk | None = None
    """Changes the gallery; needs `gallery` and `decode`."""
    gallery: GalleryReads | None = None
    """Reads the gallery."""
    decode: Callable[[bytes], Picture] | None = None
    """Decodes a picture within its limits."""
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
    closed: str = ""
    """Why services that are not here are refused with NOT_READY; empty = they are UNIMPLEMENTED."""
