"""The active challenge as a pure machine: what is asked, whether it was done, by a head that moves as heads do."""

import math
import random
from dataclasses import dataclass, replace
from itertools import product
from typing import Annotated

from annotated_types import Interval

from doorward_daemon.model.liveness import (
    ChallengeFailure,
    ChallengePolicy,
    ChallengeResult,
    ChallengeState,
    ChallengeStep,
)

_TURNS = (ChallengeStep.TURN_LEFT, ChallengeStep.TURN_RIGHT)
# Nose to the right of the picture is positive yaw, and the subject's left.
_YAW_SIGNS = {ChallengeStep.TURN_LEFT: 1.0, ChallengeStep.TURN_RIGHT: -1.0}
# Healthy adults told to turn as fast as they can reach about 250 degrees per second on average, some 400 (Sarig-Bahat,
# Weiss, Laufer, Spine 35(4), 2010: cervical motion velocity). Below the floor the landmarks' own jitter counts.
_FASTEST_DEG_S = 400.0
_JITTER_DEG = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeSettings:
    """What counts as done, and how long it may take."""

    steps: Annotated[int, Interval(ge=1, le=4)] = 2
    """Steps asked where turns are among them; more of them are harder to foresee and take longer."""
    turn_deg: Annotated[float, Interval(ge=10, le=45)] = 20.0
    """Yaw from which the head is turned, degrees."""
    front_deg: Annotated[float, Interval(ge=1, le=20)] = 12.0
    """Yaw up to which the head faces the camera; between this and `turn_deg` it is neither, degrees."""
    closer_ratio: Annotated[float, Interval(ge=1.05, le=2)] = 1.25
    """Growth of the face's height that counts as having come closer."""
    max_size_ratio: Annotated[float, Interval(ge=0.1, le=0.8)] = 0.4
    """Height of the face over that of the frame from which nobody is asked to come closer."""
    step_s: Annotated[float, Interval(ge=1, le=60)] = 5.0
    """Longest time for each step, seconds."""
    max_gap_s: Annotated[float, Interval(ge=0.05, le=5)] = 0.5
    """Longest time for which the face may be out of sight, seconds."""

    def __post_init__(self) -> None:
        """Raises ValueError where a head could be turned and face the camera at once."""
        if self.front_deg >= self.turn_deg:
            raise ValueError(f"front_deg: expected below turn_deg {self.turn_deg}, found {self.front_deg}")


@dataclass(frozen=True, slots=True)
class Stance:
    """How a head is held in one frame."""

    yaw_deg: float
    """Positive when the nose points to the right of the picture; NaN where it cannot be told."""
    size: float
    """Height of the face over that of the frame."""
    mono_ns: int
    """When the frame was captured."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge at one moment; every look gives a new one. Times are monotonic nanoseconds."""

    steps: tuple[ChallengeStep, ...]
    """What is asked, in order."""
    settings: ChallengeSettings
    """What counts as done."""
    began_ns: int
    """When the step that is asked now was asked."""
    last: Stance
    """The newest look in which the yaw could be told."""
    seen_ns: int
    """When the face was seen last."""
    steps_done: int = 0
    """Steps done."""
    front_size: float | None = None
    """Size of the face when it looked to the front after the last step; None until it does."""
    failure: ChallengeFailure | None = None
    """Why it failed; None where it did not."""

    @property
    def state(self) -> ChallengeState:
        """How far it has come: passed once all steps are done and the head is back to the front."""
        if self.failure is not None:
            return ChallengeState.FAILED
        is_done = self.steps_done == len(self.steps) and self.front_size is not None
        return ChallengeState.PASSED if is_done else ChallengeState.RUNNING

    @property
    def asked(self) -> ChallengeStep | None:
        """What the person is to do now; None to look to the front, and when it is over."""
        is_asking = self.state is ChallengeState.RUNNING and self.front_size is not None
        return self.steps[self.steps_done] if is_asking else None

    @property
    def result(self) -> ChallengeResult:
        """What came of it so far."""
        return ChallengeResult(self.state, self.steps, self.steps_done, self.failure)

    def see(self, stance: Stance) -> "Challenge":
        """The challenge after another look.

        Args:
            stance: how the head is held now.
        """
        if self.state is not ChallengeState.RUNNING:
            return self
        if (failure := self._failure(stance)) is not None:
            return self.fail(failure)
        if not math.isfinite(stance.yaw_deg):
            return replace(self, seen_ns=stance.mono_ns)
        seen = replace(self, last=stance, seen_ns=stance.mono_ns)
        if seen.asked is None:
            return replace(seen, front_size=stance.size) if _is_front(stance, self.settings) else seen
        return _answered(seen, seen.asked)

    def fail(self, failure: ChallengeFailure) -> "Challenge":
        """The challenge, failed; one that has ended stays as it is."""
        return replace(self, failure=failure) if self.state is not ChallengeState.FAILED else self

    def _failure(self, stance: Stance) -> ChallengeFailure | None:
        if self._is_lost(stance.mono_ns):
            return ChallengeFailure.FACE_LOST
        if stance.mono_ns - self.began_ns > self.settings.step_s * 1e9:
            return ChallengeFailure.TIMED_OUT
        elapsed_s = (stance.mono_ns - self.last.mono_ns) / 1e9
        turned_deg = abs(stance.yaw_deg - self.last.yaw_deg)
        return ChallengeFailure.LEAP if turned_deg > _JITTER_DEG + _FASTEST_DEG_S * elapsed_s else None

    def _is_lost(self, now_ns: int) -> bool:
        return now_ns - self.seen_ns > self.settings.max_gap_s * 1e9


def draw_steps(
    policy: ChallengePolicy,
    steps: int,
    before: tuple[ChallengeStep, ...],
    chance: random.Random,
    *,
    may_come_closer: bool,
) -> tuple[ChallengeStep, ...]:
    """Draws what is asked, never the same twice in a row where there is a choice: a recording of the last visit fails.

    Args:
        policy: of the door, other than OFF.
        steps: how many, where turns are among them.
        before: what was asked last.
        chance: draws; one that an attacker cannot foresee.
        may_come_closer: whether the person stands far enough away for that.

    Returns:
        The steps; empty where the policy asks only for what the person has no room for.
    """
    if policy is ChallengePolicy.CLOSER:
        return (ChallengeStep.COME_CLOSER,) if may_come_closer else ()
    kinds = (*_TURNS, ChallengeStep.COME_CLOSER) if policy is ChallengePolicy.ANY and may_come_closer else _TURNS
    # One turn at least: a flat picture can come closer as well.
    sequences = [found for found in product(kinds, repeat=steps) if set(found) != {ChallengeStep.COME_CLOSER}]
    return chance.choice([found for found in sequences if found != before])


def _is_front(stance: Stance, settings: ChallengeSettings) -> bool:
    return abs(stance.yaw_deg) <= settings.front_deg


def _answered(now: Challenge, asked: ChallengeStep) -> Challenge:
    """The challenge after a look to which it asked for something."""
    stance, settings = now.last, now.settings
    is_turned = abs(stance.yaw_deg) >= settings.turn_deg
    if asked is ChallengeStep.COME_CLOSER:
        is_closer = now.front_size is not None and stance.size >= now.front_size * settings.closer_ratio
        if is_turned:
            return now.fail(ChallengeFailure.WRONG_MOVE)
        return _done(now) if is_closer else now
    if not is_turned:
        return now
    is_right = stance.yaw_deg * _YAW_SIGNS[asked] > 0.0
    return _done(now) if is_right else now.fail(ChallengeFailure.WRONG_MOVE)


def _done(now: Challenge) -> Challenge:
    stance = now.last
    front_size = stance.size if _is_front(stance, now.settings) else None
    return replace(now, steps_done=now.steps_done + 1, began_ns=stance.mono_ns, front_size=front_size)
