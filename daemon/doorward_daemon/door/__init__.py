"""Doors: the drivers that move locks, and the doors of this box by name."""

from doorward_daemon.door.doors import Doors, DoorStatus, open_doors
from doorward_daemon.door.driver import DoorDriver
from doorward_daemon.door.settings import DoorSettings
from doorward_daemon.door.simulated import SimulatedDoor

__all__ = ["DoorDriver", "DoorSettings", "DoorStatus", "Doors", "SimulatedDoor", "open_doors"]
