"""Spoiling good pictures on purpose and repeatably, to measure what the gate makes of them."""

from doorward_daemon.vision.degradation.degradation import (
    CAMERA_FAULTS,
    MISPLACED,
    REFUSED,
    Degradation,
    DegradationKind,
)
from doorward_daemon.vision.degradation.misplacement import misplace
from doorward_daemon.vision.degradation.spoiler import spoil

__all__ = ["CAMERA_FAULTS", "MISPLACED", "REFUSED", "Degradation", "DegradationKind", "misplace", "spoil"]
