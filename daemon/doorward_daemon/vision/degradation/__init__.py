"""Spoiling good pictures on purpose and repeatably, to measure what the gate makes of them."""

from doorward_daemon.vision.degradation.degradation import Degradation, DegradationKind
from doorward_daemon.vision.degradation.spoiler import spoil

__all__ = ["Degradation", "DegradationKind", "spoil"]
