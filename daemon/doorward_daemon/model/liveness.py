"""Result of presentation attack detection (ISO/IEC 30107-3)."""

from dataclasses import dataclass
from enum import StrEnum


class LivenessVerdict(StrEnum):
    """Whether a living person stands there."""

    LIVE = "LIVE"
    SPOOF = "SPOOF"
    UNSURE = "UNSURE"
    NOT_CHECKED = "NOT_CHECKED"


class LivenessPolicy(StrEnum):
    """What a door or a listener asks of liveness."""

    REQUIRED = "required"
    """Only LIVE passes."""
    PREFERRED = "preferred"
    """SPOOF is denied; UNSURE and NOT_CHECKED pass, flagged."""
    OFF = "off"
    """Not asked."""


class LivenessReason(StrEnum):
    """Why a verdict is UNSURE, or what besides the networks makes it SPOOF; equal to the wire contract's."""

    SURROUNDINGS_CUT = "SURROUNDINGS_CUT"
    """A network saw too little around the face: the person is too near, or at the border of the picture."""
    BETWEEN_THRESHOLDS = "BETWEEN_THRESHOLDS"
    """The score lies between the thresholds."""
    NO_SCORE = "NO_SCORE"
    """A network gave no number, or the face gave no crop."""
    TOO_FEW_LOOKS = "TOO_FEW_LOOKS"
    """Fewer good looks than the door asks for."""
    LOOKS_DISAGREE = "LOOKS_DISAGREE"
    """Looks at one track disagree: some show an attack, others a living person."""
    SCREEN_PATTERN = "SCREEN_PATTERN"
    """SPOOF: the pattern of a screen's pixels stands out of the face, and the networks saw too little to say so."""


class ChallengePolicy(StrEnum):
    """What a door asks a person to do before it opens."""

    OFF = "off"
    """Nothing."""
    TURN = "turn"
    """Turn the head, to sides drawn by chance."""
    CLOSER = "closer"
    """Come closer; always the same, and therefore the weakest."""
    ANY = "any"
    """Turns and coming closer, in an order drawn by chance."""


class ChallengeStep(StrEnum):
    """One thing a person is asked to do; equal to the wire contract's ChallengeStep."""

    TURN_LEFT = "TURN_LEFT"
    TURN_RIGHT = "TURN_RIGHT"
    COME_CLOSER = "COME_CLOSER"


class ChallengeState(StrEnum):
    """How far a challenge has come."""

    RUNNING = "RUNNING"
    PASSED = "PASSED"
    FAILED = "FAILED"


class ChallengeFailure(StrEnum):
    """Why a challenge failed; equal to the wire contract's ChallengeFailure."""

    TIMED_OUT = "TIMED_OUT"
    WRONG_MOVE = "WRONG_MOVE"
    LEAP = "LEAP"
    FACE_LOST = "FACE_LOST"
    SOMEBODY_ELSE = "SOMEBODY_ELSE"


@dataclass(frozen=True, slots=True)
class ChallengeResult:
    """What came of a challenge."""

    state: ChallengeState
    """How far it has come."""
    steps: tuple[ChallengeStep, ...]
    """What was asked, in order."""
    steps_done: int
    """How many of them were done."""
    failure: ChallengeFailure | None = None
    """Why it failed; None where it did not."""


@dataclass(frozen=True, slots=True)
class LivenessCue:
    """A sign of an attack that was looked for without a network."""

    algorithm_id: str
    """How it was measured, with its version."""
    native_value: float
    """What was measured; higher = more like an attack."""
    limit: float
    """Value above which it is believed."""

    @property
    def is_found(self) -> bool:
        """Whether it shows an attack."""
        return self.native_value > self.limit


@dataclass(frozen=True, slots=True)
class LivenessAssessment:
    """What liveness thinks of one face."""

    verdict: LivenessVerdict
    """The verdict."""
    score: float | None = None
    """0..1, higher is more like a living person; None where not checked."""
    effective_scale_ratios: tuple[float, ...] = ()
    """Per model: crop scale that was possible over the trained one, 0..1; falls below 1 near the border."""
    reason: LivenessReason | None = None
    """Why the verdict is UNSURE, or what besides the networks made it SPOOF; None for the others."""
    challenge: ChallengeResult | None = None
    """What came of the challenge; None where none was put."""
    cues: tuple[LivenessCue, ...] = ()
    """Signs that were looked for besides the networks; empty where they were not needed."""


NOT_CHECKED = LivenessAssessment(LivenessVerdict.NOT_CHECKED)
"""The answer of a pack without liveness models."""
