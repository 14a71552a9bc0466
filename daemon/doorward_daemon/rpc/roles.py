"""Who may call what: the four roles, and for every method the one it needs and the kind of work it is."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What a caller may do; each role may do what the ones before it may."""

    VIEWER = 1
    """Sees outcomes, never scores."""
    OPERATOR = 2
    """Sees scores, candidates and explanations."""
    ENROLLER = 3
    """Changes the gallery."""
    ADMIN = 4
    """Changes the device."""

    @property
    def word(self) -> str:
        """The role as it is written in messages, files and settings."""
        return self.name.lower()


class Work(StrEnum):
    """What a call costs; each kind waits in a line of its own."""

    NONE = "none"
    """Answered at once."""
    RECORDS = "records"
    """Reads or writes the gallery."""
    PICTURES = "pictures"
    """Encodes pictures."""
    DOORS = "doors"
    """Waits for the disk and a lock."""
    RECOGNITION = "recognition"
    """Runs models."""
    STREAM = "stream"
    """Goes on until its caller has seen enough."""


@dataclass(frozen=True, slots=True)
class MethodRule:
    """What one method asks for."""

    role: Role
    """Least role that may call it."""
    work: Work
    """Line it waits in."""


_RECOGNITION = "/doorward_api.v1.RecognitionService/"
_GALLERY = "/doorward_api.v1.GalleryService/"
_DEVICE = "/doorward_api.v1.DeviceService/"
_CAMERA = "/doorward_api.v1.CameraService/"
_ACCESS = "/doorward_api.v1.AccessService/"
_EVENT = "/doorward_api.v1.EventService/"
_ATTENDANCE = "/doorward_api.v1.AttendanceService/"

METHOD_RULES = {
    _RECOGNITION + "Detect": MethodRule(Role.OPERATOR, Work.RECOGNITION),
    _RECOGNITION + "Extract": MethodRule(Role.OPERATOR, Work.RECOGNITION),
    _RECOGNITION + "Verify": MethodRule(Role.VIEWER, Work.RECOGNITION),
    _RECOGNITION + "Identify": MethodRule(Role.VIEWER, Work.RECOGNITION),
    _RECOGNITION + "IdentifyStream": MethodRule(Role.OPERATOR, Work.STREAM),
    _GALLERY + "CreateSubject": MethodRule(Role.ENROLLER, Work.RECORDS),
    _GALLERY + "GetSubject": MethodRule(Role.OPERATOR, Work.RECORDS),
    _GALLERY + "ListSubjects": MethodRule(Role.OPERATOR, Work.RECORDS),
    _GALLERY + "UpdateSubject": MethodRule(Role.ENROLLER, Work.RECORDS),
    _GALLERY + "EraseSubject": MethodRule(Role.ENROLLER, Work.RECORDS),
    _GALLERY + "AddReference": MethodRule(Role.ENROLLER, Work.RECOGNITION),
    _GALLERY + "RemoveReference": MethodRule(Role.ENROLLER, Work.RECORDS),
    _GALLERY + "RuleOutDecision": MethodRule(Role.ENROLLER, Work.RECORDS),
    _DEVICE + "GetStatus": MethodRule(Role.VIEWER, Work.RECORDS),
    _DEVICE + "GetInfo": MethodRule(Role.VIEWER, Work.RECORDS),
    _DEVICE + "ListPacks": MethodRule(Role.OPERATOR, Work.RECORDS),
    _DEVICE + "RunSelfTest": MethodRule(Role.OPERATOR, Work.RECOGNITION),
    _DEVICE + "GetUplinkStatus": MethodRule(Role.VIEWER, Work.NONE),
    _CAMERA + "ListCameras": MethodRule(Role.VIEWER, Work.NONE),
    _CAMERA + "GetSnapshot": MethodRule(Role.OPERATOR, Work.PICTURES),
    _CAMERA + "WatchCamera": MethodRule(Role.VIEWER, Work.STREAM),
    _ACCESS + "ListDoors": MethodRule(Role.VIEWER, Work.NONE),
    _ACCESS + "OpenDoor": MethodRule(Role.OPERATOR, Work.DOORS),
    _EVENT + "ListEvents": MethodRule(Role.VIEWER, Work.RECORDS),
    _EVENT + "WatchEvents": MethodRule(Role.VIEWER, Work.STREAM),
    _ATTENDANCE + "Punch": MethodRule(Role.OPERATOR, Work.RECOGNITION),
    "/grpc.health.v1.Health/Check": MethodRule(Role.VIEWER, Work.NONE),
    "/grpc.health.v1.Health/Watch": MethodRule(Role.VIEWER, Work.NONE),
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": MethodRule(Role.VIEWER, Work.NONE),
}
"""Every method that is served; a test keeps it equal to the contract's comments."""
