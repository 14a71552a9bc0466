"""What an operator can say about liveness, and the verdict that follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from annotated_types import Interval

from doorward_daemon.model.liveness import LivenessAssessment, LivenessCue, LivenessReason, LivenessVerdict

# Seen too closely a living person is often taken for an attack: of 123 portraits of which the wider network saw less
# than 0.4 of the trained surroundings 41 % fell to 0.4 and 20 % to 0.1; of 60 that showed 0.5 it was 5 % and 2 %, while
# a screen that fills the picture scores 0.002. So a verdict of SPOOF on such a crop asks for a score that much lower.
_STRONG_EVIDENCE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessSettings:
    """When a face counts as a living person's."""

    live_threshold: Annotated[float, Interval(ge=0, le=1)] = 0.6
    """Liveness score from which a face is LIVE, 0..1."""
    spoof_threshold: Annotated[float, Interval(ge=0, le=1)] = 0.4
    """Liveness score up to which a face is SPOOF, 0..1; between the two it is UNSURE."""
    min_scale_ratio: Annotated[float, Interval(ge=0, le=1)] = 0.6
    """Share of the trained surroundings every model must see to be believed, 0..1.

    With less the verdict is UNSURE, or SPOOF where the score is at most a quarter of `spoof_threshold`.
    """
    screen_pattern: bool = True
    """Whether the pattern of a screen's pixels is looked for where a network sees too little of the surroundings."""

    def __post_init__(self) -> None:
        """Raises ValueError where no score could be UNSURE."""
        if self.spoof_threshold >= self.live_threshold:
            raise ValueError(
                f"spoof_threshold: expected below live_threshold {self.live_threshold}, found {self.spoof_threshold}"
            )

    def judge(self, scores: Sequence[float], ratios: Sequence[float]) -> LivenessAssessment:
        """Makes one verdict of what the networks say about one look.

        An attack has to convince every network: they see different surroundings, so a rim, a hand or a halftone that
        one of them misses is plain to another. A phone held beside a living person fooled the wider one more often
        than not, and a mean of both with it.

        Args:
            scores: per network, chance of a living person, 0..1.
            ratios: per network, share of the trained surroundings it saw, 0..1.

        Returns:
            The verdict, with the lowest score of the networks that saw enough; where none did, with the mean of all.
        """
        seeing = [score for score, ratio in zip(scores, ratios, strict=True) if ratio >= self.min_scale_ratio]
        score = min(seeing) if seeing else float(np.mean(scores))
        return self.verdict(score, tuple(ratios))

    def looks_for_cues(self, found: LivenessAssessment) -> bool:
        """Whether a verdict is one that cues can settle: doubt because too little was seen around the face."""
        return self.screen_pattern and found.reason is LivenessReason.SURROUNDINGS_CUT

    def weigh(self, found: LivenessAssessment, cues: tuple[LivenessCue, ...]) -> LivenessAssessment:
        """Adds cues to a verdict: one that is found makes it SPOOF, others change nothing.

        Args:
            found: what the networks say.
            cues: what was looked for besides.
        """
        if found.score is None or not any(cue.is_found for cue in cues):
            return replace(found, cues=cues)
        # As sure as the networks have to be to be believed about a face they saw too closely.
        score = min(found.score, self.spoof_threshold * _STRONG_EVIDENCE)
        ratios, reason = found.effective_scale_ratios, LivenessReason.SCREEN_PATTERN
        return LivenessAssessment(LivenessVerdict.SPOOF, score, ratios, reason, cues=cues)

    def verdict(self, score: float, ratios: tuple[float, ...]) -> LivenessAssessment:
        """Where a score falls.

        Args:
            score: of one look, or fused over several.
            ratios: per network, share of the trained surroundings it saw, 0..1.
        """
        is_cut = min(ratios, default=1.0) < self.min_scale_ratio
        if score <= self.spoof_threshold * (_STRONG_EVIDENCE if is_cut else 1.0):
            return LivenessAssessment(LivenessVerdict.SPOOF, score, ratios)
        if is_cut:
            return LivenessAssessment(LivenessVerdict.UNSURE, score, ratios, LivenessReason.SURROUNDINGS_CUT)
        if score >= self.live_threshold:
            return LivenessAssessment(LivenessVerdict.LIVE, score, ratios)
        return LivenessAssessment(LivenessVerdict.UNSURE, score, ratios, LivenessReason.BETWEEN_THRESHOLDS)
