"""The way in: decide, write it down, then open the door, then write down what the door did."""

from doorward_daemon.entry.decision_memory import DecisionMemory
from doorward_daemon.entry.desk import EntryDesk
from doorward_daemon.entry.entry import Entry, EntryRecord
from doorward_daemon.entry.operator import OpenDoorRequest, PunchRequest
from doorward_daemon.entry.recorder import Recorder
from doorward_daemon.entry.settings import DecisionMemorySettings

__all__ = [
    "DecisionMemory",
    "DecisionMemorySettings",
    "Entry",
    "EntryDesk",
    "EntryRecord",
    "OpenDoorRequest",
    "PunchRequest",
    "Recorder",
]
