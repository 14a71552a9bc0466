"""What follows, judges and decides about the faces before one camera."""

import random
from dataclasses import dataclass, field

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gate_loop.likeness import LikenessLimits
from doorward_daemon.gate_loop.schedule import DetectionSchedule, EveryFrame
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.vision.liveness import LivenessSettings


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IdentifierParts:
    """What judges and decides."""

    recognition: RecognitionParts
    """Detector, judge, rule, gallery, explainer; the judge asks liveness as `policy` does."""
    policy: DoorPolicy
    """Of the door, or of the client."""
    settings: GateLoopSettings
    """How faces are followed and evidence is gathered."""
    liveness: LivenessSettings
    """Where the verdicts on liveness begin."""
    limits: LikenessLimits
    """At which scores looks at one track show one person, or two."""
    schedule: DetectionSchedule = field(default_factory=EveryFrame)
    """Which frames are searched."""
    chance: random.Random = field(default_factory=random.SystemRandom)
    """Draws what challenges ask."""
