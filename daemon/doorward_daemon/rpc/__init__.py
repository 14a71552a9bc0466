"""The wire contract served: listeners per role, typed errors, redaction, bounded work."""

from doorward_daemon.rpc.device import DeviceInfo, DeviceState, DeviceStatus, PackEntry
from doorward_daemon.rpc.health_board import PIPELINE, PROCESS, HealthBoard
from doorward_daemon.rpc.listeners import Folders
from doorward_daemon.rpc.ports import DeviceDesk, EnrolmentDesk, GalleryReads, Recogniser
from doorward_daemon.rpc.server import RpcParts, RpcServer, open_rpc
from doorward_daemon.rpc.settings import RpcSettings

__all__ = [
    "PIPELINE",
    "PROCESS",
    "DeviceDesk",
    "DeviceInfo",
    "DeviceState",
    "DeviceStatus",
    "EnrolmentDesk",
    "Folders",
    "GalleryReads",
    "HealthBoard",
    "PackEntry",
    "Recogniser",
    "RpcParts",
    "RpcServer",
    "RpcSettings",
    "open_rpc",
]
