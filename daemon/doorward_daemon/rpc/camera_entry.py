"""A camera as CameraService lists it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doorward_daemon.camera.thread import CameraStatus


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """A camera of this device."""

    status: CameraStatus
    """How it is."""
    door_id: str = ""
    """The door it looks at; empty for a camera without one."""
