"""The wire contract served: listeners per role, typed errors, redaction, bounded work."""

from doorward_daemon.rpc.camera_entry import CameraEntry
from doorward_daemon.rpc.device import DeviceInfo, DeviceState, DeviceStatus, PackEntry
from doorward_daemon.rpc.door import DoorEntry, DoorOpening, OpenedDoor
from doorward_daemon.rpc.frame_answer import FrameAnswer, TrackDecision
from doorward_daemon.rpc.health_board import JOURNAL, PIPELINE, PROCESS, UPLINK, HealthBoard
from doorward_daemon.rpc.listeners import Folders
from doorward_daemon.rpc.parts import RpcParts
from doorward_daemon.rpc.ports import (
    AccessDesk,
    AttendanceDesk,
    CameraDesk,
    DeviceDesk,
    EnrolmentDesk,
    EventReads,
    FrameJudge,
    FrameSession,
    GalleryReads,
    Recogniser,
    UplinkReads,
)
from doorward_daemon.rpc.punch import Punch, PunchAsked, PunchDirection
from doorward_daemon.rpc.server import RpcServer, open_rpc
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.uplink_status import UplinkState, UplinkStatus

__all__ = [
    "JOURNAL",
    "PIPELINE",
    "UPLINK",
    "PROCESS",
    "AccessDesk",
    "AttendanceDesk",
    "CameraDesk",
    "CameraEntry",
    "DeviceDesk",
    "DeviceInfo",
    "DeviceState",
    "DeviceStatus",
    "DoorEntry",
    "DoorOpening",
    "EnrolmentDesk",
    "EventReads",
    "Folders",
    "FrameAnswer",
    "FrameJudge",
    "FrameSession",
    "GalleryReads",
    "HealthBoard",
    "OpenedDoor",
    "PackEntry",
    "Punch",
    "PunchAsked",
    "PunchDirection",
    "Recogniser",
    "RpcParts",
    "RpcServer",
    "RpcSettings",
    "TrackDecision",
    "UplinkReads",
    "UplinkState",
    "UplinkStatus",
    "open_rpc",
]
