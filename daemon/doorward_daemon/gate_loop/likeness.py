"""Whether a track still shows the person it began with, or was decided about."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.identity import ThresholdCurve
from doorward_daemon.model.template import Template
from doorward_daemon.packs.manifest import Calibration

# Source: `doorwardd eval tracks`, see docs/evaluation.md: looks a frame apart score far above this.
_SAME_FMR = 1e-4
# A head that turns as it was asked to changes more than one that waits.
_ASKED_FMR = 1e-2


class Likeness(Enum):
    """What a good look says of the person a track belongs to."""

    SAME = "same"
    """It shows that person; it may be fused with what was gathered, and an identity stands."""
    DOUBTFUL = "doubtful"
    """It may show that person in another pose, or somebody who resembles her by chance."""
    OTHER = "other"
    """It shows somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikenessLimits:
    """Comparison scores, -1..1, at which looks at one track are told apart."""

    same_score: float
    """From here on two looks show one person."""
    other_score: float
    """Below, a look shows somebody else than the one a track was decided about."""
    asked_score: float
    """Below, a look does not show the person who was asked to do something."""

    @classmethod
    def of(cls, calibration: Calibration, wanted: float | None) -> "LikenessLimits":
        """The limits of a pack.

        Args:
            calibration: of the pack.
            wanted: the operator's own, in place of all three; None where there is none.
        """
        if wanted is not None:
            return cls(same_score=wanted, other_score=wanted, asked_score=wanted)
        curve = ThresholdCurve(calibration.thresholds_at_fmr)
        return cls(
            same_score=curve.threshold_at(_SAME_FMR),
            other_score=calibration.outlier_score,
            asked_score=curve.threshold_at(_ASKED_FMR),
        )


def likeness_of(record: TrackRecord, template: Template, limits: LikenessLimits) -> Likeness:
    """Compares a good look with what is known of its track.

    Args:
        record: the track.
        template: of the look.
        limits: where looks are told apart.

    Returns:
        SAME for a track of which nothing is known yet. DOUBTFUL only for one that was decided about: evidence that is
        still gathered is cheap to gather anew, and two persons must never be fused.
    """
    known = record.known_templates
    score = max((comparison_score(one, template) for one in known), default=1.0)
    if score >= limits.same_score:
        return Likeness.SAME
    if score < limits.other_score:
        return Likeness.OTHER
    if record.decided is not None:
        return Likeness.DOUBTFUL
    # Who is considered anew has nothing yet that a look could be fused with.
    return Likeness.OTHER if record.evidence.shots else Likeness.SAME


def comparison_score(first: Template, second: Template) -> float:
    """Cosine of two templates of one embedding space, -1..1."""
    return float(np.dot(first.vector, second.vector))
