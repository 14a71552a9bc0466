"""Puts challenges to recognised people, and watches whether they do what they are asked."""

import random
from dataclasses import dataclass, field, replace

from doorward_daemon.access import Challenge, ChallengeSettings, Stance, draw_steps
from doorward_daemon.gate_loop.evidence import worth_of
from doorward_daemon.gate_loop.likeness import comparison_score
from doorward_daemon.gate_loop.track_record import TrackRecord
from doorward_daemon.model.liveness import ChallengeFailure, ChallengePolicy, ChallengeState, ChallengeStep
from doorward_daemon.model.quality import Guidance
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.vision.quality import estimate_head_pose


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ChallengeNeed:
    """What a door asks people to do."""

    policy: ChallengePolicy
    """Of the door."""
    settings: ChallengeSettings
    """What counts as done."""
    same_score: float
    """Comparison score below which a look does not show the person who was asked."""
    chance: random.Random = field(default_factory=random.SystemRandom)
    """Draws what is asked; the default cannot be foreseen, a seeded one repeats itself for tests."""


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """The newest look at a track, as a challenge sees it."""

    judgement: Judgement
    """Of its face."""
    frame_height_px: int
    """Height of the frame."""
    mono_ns: int
    """When it was captured."""

    @property
    def stance(self) -> Stance:
        """How the head is held."""
        face = self.judgement.judged.face
        yaw_deg = estimate_head_pose(face.landmarks_px).yaw_deg
        return Stance(yaw_deg, face.height_px / self.frame_height_px, self.mono_ns)


class Challenger:
    """Challenges the people before one camera. Used by one thread.

    Args:
        need: what is asked.
    """

    def __init__(self, need: ChallengeNeed) -> None:
        self._need = need
        self._before: tuple[ChallengeStep, ...] = ()

    def watch(self, record: TrackRecord, glance: Glance) -> bool:
        """Shows a running challenge the newest look.

        Args:
            record: the track.
            glance: at its face in the newest frame.

        Returns:
            Whether the look may count as evidence: not while the head is turned.
        """
        if record.challenge is None or not record.is_gathering:
            return True
        stance = glance.stance
        if not self._shows_who_was_asked(record, glance.judgement):
            # Only seen: a step counts where it is the person who was asked that does it.
            stance = replace(stance, yaw_deg=float("nan"))
        record.challenge = record.challenge.see(stance)
        record.asked = _asked(record.challenge)
        return abs(stance.yaw_deg) <= self._need.settings.front_deg

    def is_settled(self, record: TrackRecord, glance: Glance) -> bool:
        """Whether a recognised person can be decided about; begins a challenge where none was put.

        Args:
            record: the track; recognised, with enough evidence.
            glance: at its face in the newest frame.

        Returns:
            True once the challenge is passed or has failed, and where none is asked.
        """
        if self._need.policy is ChallengePolicy.OFF:
            return True
        if record.challenge is None:
            self._begin(record, glance.stance)
            return False
        if record.challenge.state is ChallengeState.PASSED and worth_of(glance.judgement) <= 0.0:
            if glance.mono_ns - record.challenge.seen_ns > self._need.settings.step_s * 1e9:
                record.challenge = record.challenge.fail(ChallengeFailure.TIMED_OUT)
            return record.challenge.state is ChallengeState.FAILED
        if record.challenge.state is ChallengeState.PASSED and not self._shows_who_was_asked(record, glance.judgement):
            record.challenge = record.challenge.fail(ChallengeFailure.SOMEBODY_ELSE)
        return record.challenge.state is not ChallengeState.RUNNING

    def _begin(self, record: TrackRecord, stance: Stance) -> None:
        settings = self._need.settings
        has_room = stance.size <= settings.max_size_ratio
        steps = draw_steps(self._need.policy, settings.steps, self._before, self._need.chance, may_come_closer=has_room)
        template = record.evidence.fused()
        if not steps or template is None or not abs(stance.yaw_deg) <= settings.front_deg:
            record.asked = Guidance.LOOK_AT_THE_CAMERA if steps else Guidance.STEP_BACK
            return
        self._before = steps
        record.challenged_template = template
        record.challenge = Challenge(steps, settings, stance.mono_ns, stance, stance.mono_ns, front_size=stance.size)
        record.asked = _asked(record.challenge)

    def _shows_who_was_asked(self, record: TrackRecord, judgement: Judgement) -> bool:
        if record.challenged_template is None or judgement.embedding is None:
            return False
        template = judgement.embedding.template
        return comparison_score(record.challenged_template, template) >= self._need.same_score


def _asked(challenge: Challenge) -> Guidance | None:
    if challenge.state is not ChallengeState.RUNNING:
        return None
    return Guidance.LOOK_AT_THE_CAMERA if challenge.asked is None else Guidance(challenge.asked.value)
