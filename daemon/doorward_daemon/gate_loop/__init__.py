"""The gate: follows faces, gathers evidence, decides once per track, and takes the decision to the door."""

from doorward_daemon.gate_loop.frame_result import TrackDecision
from doorward_daemon.gate_loop.identifier import TrackingIdentifier
from doorward_daemon.gate_loop.identifier_parts import IdentifierParts
from doorward_daemon.gate_loop.likeness import LikenessLimits
from doorward_daemon.gate_loop.loop import GateLoop, GateParts
from doorward_daemon.gate_loop.metrics import GateMetrics, SilentMetrics
from doorward_daemon.gate_loop.opening import open_gate_parts
from doorward_daemon.gate_loop.schedule import EveryFrame
from doorward_daemon.gate_loop.settings import GateLoopSettings, SearchSettings, TrackSettings
from doorward_daemon.gate_loop.view import GateView, Preview, TrackView
from doorward_daemon.gate_loop.view_hub import ViewHub, ViewWatcher

__all__ = [
    "EveryFrame",
    "GateLoop",
    "GateLoopSettings",
    "GateMetrics",
    "GateParts",
    "GateView",
    "IdentifierParts",
    "LikenessLimits",
    "Preview",
    "SearchSettings",
    "SilentMetrics",
    "TrackDecision",
    "TrackSettings",
    "TrackView",
    "TrackingIdentifier",
    "ViewHub",
    "ViewWatcher",
    "open_gate_parts",
]
