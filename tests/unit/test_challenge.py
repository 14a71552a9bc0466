"""A challenge is passed by doing what is asked, in order and in time, as a head moves; anything else fails it."""

import random
from dataclasses import replace

import pytest

from doorward_daemon.access import Challenge, ChallengeSettings, Stance, draw_steps
from doorward_daemon.model.liveness import ChallengeFailure, ChallengePolicy, ChallengeState, ChallengeStep

LEFT, RIGHT, CLOSER = ChallengeStep.TURN_LEFT, ChallengeStep.TURN_RIGHT, ChallengeStep.COME_CLOSER
FRAME_NS = 33_333_333


def begun(*steps: ChallengeStep) -> Challenge:
    return Challenge(steps, ChallengeSettings(), 0, Stance(0.0, 0.3, 0), 0, front_size=0.3)


def after(challenge: Challenge, *yaws: float, size: float = 0.3, pause_ns: int = FRAME_NS) -> Challenge:
    for yaw in yaws:
        challenge = challenge.see(Stance(yaw, size, challenge.seen_ns + pause_ns))
    return challenge


TO_LEFT, TO_RIGHT, BACK = (8.0, 16.0, 24.0), (-8.0, -16.0, -24.0), (15.0, 5.0)
"""The subject's left is the right of the picture, positive yaw."""


def test_turning_as_asked_and_back_to_the_front_passes():
    challenge = begun(LEFT, RIGHT)
    assert challenge.asked is LEFT
    challenge = after(challenge, *TO_LEFT)
    assert (challenge.steps_done, challenge.asked) == (1, None)
    challenge = after(challenge, *BACK)
    assert challenge.asked is RIGHT
    challenge = after(challenge, *TO_RIGHT)
    assert challenge.state is ChallengeState.RUNNING
    challenge = after(challenge, -15.0, -5.0)
    assert challenge.state is ChallengeState.PASSED
    assert (challenge.result.steps, challenge.result.steps_done) == ((LEFT, RIGHT), 2)


def test_a_recording_of_other_steps_or_of_another_order_fails():
    recorded = (*TO_LEFT, *BACK, *TO_RIGHT, -15.0, -5.0)
    assert after(begun(LEFT, RIGHT), *recorded).state is ChallengeState.PASSED
    for steps in ((RIGHT, LEFT), (LEFT, LEFT), (RIGHT, RIGHT), (CLOSER, LEFT), (LEFT, CLOSER)):
        challenge = after(begun(*steps), *recorded)
        assert (challenge.state, challenge.failure) == (ChallengeState.FAILED, ChallengeFailure.WRONG_MOVE)


def test_a_flat_picture_that_is_turned_shows_no_yaw_and_runs_out_of_time():
    challenge = after(begun(LEFT), *[3.0, -3.0] * 80)
    assert challenge.failure is ChallengeFailure.TIMED_OUT


def test_coming_closer_is_measured_from_where_the_person_stood():
    challenge = after(begun(CLOSER, LEFT), 0.0, size=0.36)
    assert challenge.asked is CLOSER
    challenge = after(challenge, 0.0, size=0.376)
    assert (challenge.steps_done, challenge.asked) == (1, LEFT)


def test_a_head_between_front_and_turned_is_neither():
    challenge = after(begun(LEFT), 13.0, 19.0, 13.0, 19.0)
    assert challenge.steps_done == 0
    challenge = after(challenge, 20.0)
    assert challenge.steps_done == 1
    assert after(challenge, 19.0, 13.0).state is ChallengeState.RUNNING
    assert after(challenge, 19.0, 12.0).state is ChallengeState.PASSED


def test_a_face_that_turns_faster_than_a_head_is_a_picture_that_was_swapped():
    assert after(begun(LEFT), 30.0).failure is ChallengeFailure.LEAP
    assert after(begun(LEFT), 30.0, pause_ns=4 * FRAME_NS).steps_done == 1


def test_a_face_out_of_sight_fails_it():
    challenge = after(begun(LEFT), *TO_LEFT)
    assert after(challenge, 15.0, pause_ns=500_000_001).failure is ChallengeFailure.FACE_LOST
    assert after(challenge, 15.0, pause_ns=499_000_000).failure is None


def test_a_look_whose_pose_cannot_be_told_counts_for_nothing_but_being_there():
    challenge = after(begun(LEFT), *[float("nan")] * 30)
    assert (challenge.state, challenge.steps_done) == (ChallengeState.RUNNING, 0)
    assert after(challenge, *[float("nan")] * 200).failure is ChallengeFailure.TIMED_OUT


def test_what_has_failed_stays_failed_and_what_has_passed_stays_passed():
    failed = begun(LEFT).fail(ChallengeFailure.SOMEBODY_ELSE)
    assert after(failed, *TO_LEFT, *BACK).failure is ChallengeFailure.SOMEBODY_ELSE
    assert failed.fail(ChallengeFailure.LEAP).failure is ChallengeFailure.SOMEBODY_ELSE
    passed = after(begun(LEFT), *TO_LEFT, *BACK)
    assert after(passed, -40.0, pause_ns=10**10) == passed


def test_every_step_has_its_own_time():
    slow = begun(LEFT, RIGHT)
    for yaws in ((*[0.0] * 140, *TO_LEFT), (*BACK, *[0.0] * 140, *TO_RIGHT), (-15.0, -5.0)):
        slow = after(slow, *yaws)
    assert slow.state is ChallengeState.PASSED


@pytest.mark.parametrize(
    ("policy", "room", "kinds"),
    [
        (ChallengePolicy.TURN, True, {LEFT, RIGHT}),
        (ChallengePolicy.ANY, True, {LEFT, RIGHT, CLOSER}),
        (ChallengePolicy.ANY, False, {LEFT, RIGHT}),
        (ChallengePolicy.CLOSER, True, {CLOSER}),
    ],
)
def test_what_is_drawn_fits_the_policy_and_the_room(policy: ChallengePolicy, room: bool, kinds: set[ChallengeStep]):
    chance = random.Random(1)
    drawn = [draw_steps(policy, 2, (), chance, may_come_closer=room) for _ in range(200)]
    assert {step for steps in drawn for step in steps} == kinds
    if policy is not ChallengePolicy.CLOSER:
        assert all(len(steps) == 2 and {LEFT, RIGHT} & set(steps) for steps in drawn)


def test_nobody_is_asked_to_come_closer_without_room():
    assert draw_steps(ChallengePolicy.CLOSER, 2, (), random.Random(1), may_come_closer=False) == ()


def test_the_same_is_never_asked_twice_in_a_row():
    chance, before = random.Random(5), (LEFT, RIGHT)
    seen = set()
    for _ in range(300):
        steps = draw_steps(ChallengePolicy.TURN, 2, before, chance, may_come_closer=True)
        assert steps != before
        seen.add(steps)
        before = steps
    assert len(seen) == 4


def test_a_seed_draws_the_same_again():
    def draws(seed: int) -> list[tuple[ChallengeStep, ...]]:
        chance = random.Random(seed)
        return [draw_steps(ChallengePolicy.ANY, 3, (), chance, may_come_closer=True) for _ in range(20)]

    assert draws(7) == draws(7)
    assert draws(7) != draws(8)


def test_limits_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="front_deg: expected below turn_deg"):
        replace(ChallengeSettings(), front_deg=20.0)
