"""A door opens for an identified, living person in time, and for nothing else; every other case names its reason."""

import pytest

from doorward_daemon.access import AccessReason, DoorMachine, DoorPolicy, DoorState, decide_access
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.liveness import (
    ChallengePolicy,
    ChallengeResult,
    ChallengeState,
    ChallengeStep,
    LivenessPolicy,
    LivenessVerdict,
)
from doorward_daemon.model.quality import QualityBand
from doorward_testing.gate_values import identification_of

SECOND_NS = 1_000_000_000


def test_a_match_in_time_opens_the_door():
    access = decide_access(identification_of(), DoorPolicy(liveness=LivenessPolicy.OFF), 20.0)
    assert (access.granted, access.reason, access.outcome, access.audit) == (
        True, AccessReason.IDENTIFIED, Outcome.MATCHED, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.UNKNOWN, AccessReason.UNKNOWN_PERSON),
        (Outcome.AMBIGUOUS, AccessReason.AMBIGUOUS),
        (Outcome.LOW_QUALITY, AccessReason.LOW_QUALITY),
        (Outcome.NO_FACE, AccessReason.NO_FACE),
        (Outcome.MULTIPLE_FACES, AccessReason.MULTIPLE_FACES),
        (Outcome.STALE, AccessReason.STALE),
    ],
)
def test_every_other_outcome_is_denied_by_its_name_however_late(outcome: Outcome, reason: AccessReason):
    for age_ms in (0.0, 1e9):
        access = decide_access(identification_of(outcome), DoorPolicy(), age_ms)
        assert (access.granted, access.reason, access.outcome) == (False, reason, outcome)


@pytest.mark.parametrize("age_ms", [1000.001, 1e12, float("nan")])
def test_a_match_after_its_deadline_is_stale(age_ms: float):
    access = decide_access(identification_of(), DoorPolicy(deadline_ms=1000), age_ms)
    assert (access.granted, access.reason, access.outcome) == (False, AccessReason.STALE, Outcome.STALE)


def test_a_match_on_its_deadline_still_opens():
    assert decide_access(identification_of(), DoorPolicy(deadline_ms=1000), 1000.0).granted


@pytest.mark.parametrize(
    ("policy", "verdict", "granted", "audit"),
    [
        (LivenessPolicy.REQUIRED, LivenessVerdict.LIVE, True, False),
        (LivenessPolicy.REQUIRED, LivenessVerdict.UNSURE, False, False),
        (LivenessPolicy.REQUIRED, LivenessVerdict.NOT_CHECKED, False, False),
        (LivenessPolicy.REQUIRED, LivenessVerdict.SPOOF, False, False),
        (LivenessPolicy.PREFERRED, LivenessVerdict.LIVE, True, False),
        (LivenessPolicy.PREFERRED, LivenessVerdict.UNSURE, True, True),
        (LivenessPolicy.PREFERRED, LivenessVerdict.NOT_CHECKED, True, True),
        (LivenessPolicy.PREFERRED, LivenessVerdict.SPOOF, False, False),
        (LivenessPolicy.OFF, LivenessVerdict.SPOOF, True, False),
    ],
)
def test_liveness_counts_as_the_doors_policy_says(
    policy: LivenessPolicy, verdict: LivenessVerdict, granted: bool, audit: bool
):
    access = decide_access(identification_of(verdict=verdict), DoorPolicy(liveness=policy), 0.0)
    assert (access.granted, access.audit) == (granted, audit)
    if not granted:
        is_attack = verdict is LivenessVerdict.SPOOF
        assert access.reason is (AccessReason.SPOOF if is_attack else AccessReason.LIVENESS_NOT_SHOWN)


@pytest.mark.parametrize("liveness", list(LivenessPolicy))
@pytest.mark.parametrize("state", [None, ChallengeState.RUNNING, ChallengeState.FAILED, ChallengeState.PASSED])
def test_a_door_with_a_challenge_opens_only_where_it_was_passed(liveness: LivenessPolicy, state: ChallengeState | None):
    challenge = None if state is None else ChallengeResult(state, (ChallengeStep.TURN_LEFT,), 1)
    found = identification_of(challenge=challenge)
    access = decide_access(found, DoorPolicy(liveness=liveness, challenge=ChallengePolicy.TURN), 0.0)
    is_passed = state is ChallengeState.PASSED
    assert access.granted is is_passed
    assert access.reason is (AccessReason.IDENTIFIED if is_passed else AccessReason.LIVENESS_NOT_SHOWN)


@pytest.mark.parametrize("verdict", [LivenessVerdict.UNSURE, LivenessVerdict.NOT_CHECKED, LivenessVerdict.SPOOF])
def test_a_passed_challenge_does_not_stand_in_for_liveness_that_is_required(verdict: LivenessVerdict):
    challenge = ChallengeResult(ChallengeState.PASSED, (ChallengeStep.TURN_LEFT,), 1)
    found = identification_of(verdict=verdict, challenge=challenge)
    policy = DoorPolicy(liveness=LivenessPolicy.REQUIRED, challenge=ChallengePolicy.TURN)
    assert not decide_access(found, policy, 0.0).granted


def test_a_match_on_a_medium_face_is_flagged_for_audit():
    found = identification_of(band=QualityBand.MEDIUM)
    access = decide_access(found, DoorPolicy(liveness=LivenessPolicy.OFF), 0.0)
    assert access.granted
    assert access.audit


@pytest.mark.parametrize("band", [QualityBand.LOW, QualityBand.REJECTED, None])
def test_a_match_on_a_face_not_worth_comparing_opens_nothing(band: QualityBand | None):
    assert not decide_access(identification_of(band=band), DoorPolicy(), 0.0).granted


def test_a_door_locks_by_itself_when_its_time_is_over():
    opened = DoorMachine().unlock(10 * SECOND_NS, 3.0)
    assert opened.at(13 * SECOND_NS - 1).state is DoorState.UNLOCKED
    assert opened.at(13 * SECOND_NS).state is DoorState.LOCKED


def test_a_second_opening_makes_it_longer_and_never_shorter():
    opened = DoorMachine().unlock(0, 10.0)
    assert opened.unlock(SECOND_NS, 3.0).locks_at_mono_ns == 10 * SECOND_NS
    assert opened.unlock(9 * SECOND_NS, 3.0).locks_at_mono_ns == 12 * SECOND_NS


def test_a_fault_stays_until_the_door_answers_again():
    broken = DoorMachine().unlock(0, 3.0).fail("no answer")
    assert (broken.at(100 * SECOND_NS).state, broken.problem) == (DoorState.FAULT, "no answer")
    assert broken.lock() == DoorMachine()
    assert broken.unlock(0, 1.0).state is DoorState.UNLOCKED


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("inf"), float("nan")])
def test_a_door_is_not_unlocked_for_no_time_or_for_ever(duration_s: float):
    with pytest.raises(ValueError, match="duration_s"):
        DoorMachine().unlock(0, duration_s)
