"""The uplink: events up until the centre has them, the fleet's gallery down; the device needs none of it to decide."""

from doorward_daemon.uplink.down_ports import AbsentConfig
from doorward_daemon.uplink.identity import DeviceIdentity, read_boot_id
from doorward_daemon.uplink.ports import GalleryPort, OutboxPort
from doorward_daemon.uplink.settings import UplinkSettings
from doorward_daemon.uplink.status import UplinkReport, UplinkState
from doorward_daemon.uplink.uplink import Uplink, UplinkParts, open_uplink

__all__ = [
    "AbsentConfig",
    "DeviceIdentity",
    "GalleryPort",
    "OutboxPort",
    "Uplink",
    "UplinkParts",
    "UplinkReport",
    "UplinkSettings",
    "UplinkState",
    "open_uplink",
    "read_boot_id",
]
