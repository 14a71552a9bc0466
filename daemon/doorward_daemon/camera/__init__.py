"""Cameras: one thread and one latest-frame slot each; they come back by themselves and never wait for one another."""

from doorward_daemon.camera.health import CameraState
from doorward_daemon.camera.opening import Cameras, make_source
from doorward_daemon.camera.settings import CameraSettings
from doorward_daemon.camera.slot import FrameSlot
from doorward_daemon.camera.source import FrameSource, SourceLostError
from doorward_daemon.camera.thread import CameraLimits, CameraStatus, CameraThread

__all__ = [
    "CameraLimits",
    "CameraSettings",
    "CameraState",
    "CameraStatus",
    "CameraThread",
    "Cameras",
    "FrameSlot",
    "FrameSource",
    "SourceLostError",
    "make_source",
]
