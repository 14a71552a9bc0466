"""The evidence of one track: good looks, what they are worth, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from doorward_daemon.gate_loop.fusion import fuse_liveness, fuse_templates
from doorward_daemon.model.liveness import LivenessAssessment, LivenessPolicy, LivenessReason, LivenessVerdict
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.template import Template
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.vision.liveness import LivenessSettings

NEEDED = 1.0
"""Evidence that a decision needs."""

_WORTH = MappingProxyType(
    {QualityBand.HIGH: 1.0, QualityBand.MEDIUM: 0.5, QualityBand.LOW: 0.0, QualityBand.REJECTED: 0.0}
)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One good look at a track."""

    judgement: Judgement
    """The face, judged and embedded, in band high or medium."""
    template: Template
    """Its template."""
    quality_score: float
    """Its quality, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessNeed:
    """What a door asks of liveness over a track."""

    policy: LivenessPolicy
    """Of the door."""
    thresholds: LivenessSettings
    """Where the verdicts begin."""
    frames: int = 3
    """Looks a verdict needs, where it is required or would deny."""
    patience_frames: int = 12
    """Looks after which a required verdict that stays unsure is given up."""


def worth_of(judgement: Judgement) -> float:
    """What one look is worth: high 1, medium 0.5, anything else nothing."""
    quality = judgement.judged.quality
    return 0.0 if quality is None or judgement.embedding is None else _WORTH[quality.band]


class TrackEvidence:
    """Gathers the good looks at one track. Used by one thread.

    Args:
        need: what is asked of liveness.
        max_shots: best looks kept for the fusion.
    """

    def __init__(self, need: LivenessNeed, max_shots: int) -> None:
        self._need = need
        self._max_shots = max_shots
        self._amount = 0.0
        self._shots: list[Shot] = []
        self._liveness: list[LivenessAssessment] = []

    @property
    def amount(self) -> float:
        """What the looks are worth together; 1 is enough to decide who it is."""
        return self._amount

    @property
    def shots(self) -> Sequence[Shot]:
        """The best looks, best first."""
        return tuple(self._shots)

    @property
    def best(self) -> Shot | None:
        """The best look; None before the first."""
        return self._shots[0] if self._shots else None

    def add(self, judgement: Judgement) -> bool:
        """Takes a look.

        Returns:
            Whether it was worth anything.
        """
        worth, quality = worth_of(judgement), judgement.judged.quality
        if worth <= 0.0 or quality is None or judgement.embedding is None:
            return False
        self._amount += worth
        self._shots.append(Shot(judgement, judgement.embedding.template, quality.score))
        self._shots = sorted(self._shots, key=lambda shot: -shot.quality_score)[: self._max_shots]
        self._liveness = [*self._liveness, judgement.judged.liveness][-self._need.patience_frames :]
        return True

    def is_complete(self) -> bool:
        """Whether it can be decided about: who it is, and whether a living person, as far as the door asks."""
        return self._amount >= NEEDED and not self._awaits_liveness()

    def liveness(self) -> LivenessAssessment:
        """What the looks say of liveness together."""
        is_required = self._need.policy is LivenessPolicy.REQUIRED
        return fuse_liveness(self._liveness, self._need.thresholds, self._need.frames if is_required else 1)

    @property
    def needs_distance(self) -> bool:
        """Whether liveness, which the door requires, cannot be shown because the person stands too near."""
        is_required = self._need.policy is LivenessPolicy.REQUIRED
        return is_required and self.liveness().reason is LivenessReason.SURROUNDINGS_CUT

    def is_refused_by_liveness(self) -> bool:
        """Whether the door's policy denies what the looks say of liveness."""
        found = self.liveness()
        if self._need.policy is LivenessPolicy.REQUIRED:
            return found.verdict is not LivenessVerdict.LIVE
        # Doubt passes, but not where an attack was seen in between.
        is_attack = found.verdict is LivenessVerdict.SPOOF or found.reason is LivenessReason.LOOKS_DISAGREE
        return self._need.policy is LivenessPolicy.PREFERRED and is_attack

    def fused(self) -> Template | None:
        """One template of the best looks; None where there is none, or where they contradict each other."""
        if not self._shots:
            return None
        return fuse_templates([shot.template for shot in self._shots], [shot.quality_score for shot in self._shots])

    def _awaits_liveness(self) -> bool:
        # Nobody is turned away for an attack on one or two looks, and where liveness is required nobody let in on them.
        looks, found = len(self._liveness), self.liveness()
        if self._need.policy is LivenessPolicy.OFF or found.verdict is LivenessVerdict.NOT_CHECKED:
            return False
        is_required = self._need.policy is LivenessPolicy.REQUIRED
        if found.reason is LivenessReason.LOOKS_DISAGREE or (is_required and found.verdict is LivenessVerdict.UNSURE):
            return looks < self._need.patience_frames
        return self.is_refused_by_liveness() and looks < self._need.frames
