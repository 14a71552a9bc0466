"""The access decision: from an identification and a policy to granted or denied, with the reason."""

from dataclasses import dataclass
from types import MappingProxyType

from doorward_daemon.access.policy import DoorPolicy
from doorward_daemon.access.reason import AccessReason
from doorward_daemon.model.decision import Identification, JudgedFace, Outcome
from doorward_daemon.model.liveness import (
    ChallengePolicy,
    ChallengeState,
    LivenessAssessment,
    LivenessPolicy,
    LivenessVerdict,
)
from doorward_daemon.model.quality import QualityBand

_DENIED = MappingProxyType(
    {
        Outcome.UNKNOWN: AccessReason.UNKNOWN_PERSON,
        Outcome.AMBIGUOUS: AccessReason.AMBIGUOUS,
        Outcome.LOW_QUALITY: AccessReason.LOW_QUALITY,
        Outcome.SPOOF: AccessReason.SPOOF,
        Outcome.NO_FACE: AccessReason.NO_FACE,
        Outcome.MULTIPLE_FACES: AccessReason.MULTIPLE_FACES,
        Outcome.STALE: AccessReason.STALE,
    }
)


@dataclass(frozen=True, slots=True)
class Access:
    """Granted or denied, and why."""

    granted: bool
    """Whether the door may open."""
    reason: AccessReason
    """Why."""
    outcome: Outcome | None
    """The identification as the door takes it: STALE where it came too late; None where nobody was identified."""
    audit: bool = False
    """Whether a person should look at it later: granted on a face of band medium, or without shown liveness."""


def decide_access(identification: Identification, policy: DoorPolicy, age_ms: float) -> Access:
    """Decides whether a door opens for an identification.

    Args:
        identification: who it is, with the liveness fused over the frames that made it.
        policy: of the door.
        age_ms: milliseconds since the capture of the frame that completed the evidence.

    Returns:
        The decision. What is denied anyway keeps its reason however late it is: lateness only takes grants away.
    """
    if identification.outcome in _DENIED:
        return Access(False, _denial(identification), identification.outcome)
    judged = identification.judged
    if identification.match is None or judged is None or not _is_worth_comparing(judged):
        return Access(False, AccessReason.LOW_QUALITY, Outcome.LOW_QUALITY)
    refusal = _liveness_refusal(judged.liveness, policy)
    if refusal is not None:
        return Access(False, refusal, Outcome.SPOOF)
    # Not `>`: an age that is no number must not open a door.
    if not age_ms <= policy.deadline_ms:
        return Access(False, AccessReason.STALE, Outcome.STALE)
    return Access(True, AccessReason.IDENTIFIED, Outcome.MATCHED, _needs_audit(judged, policy))


def grant_to_operator() -> Access:
    """The decision for a caller whose role was checked: the door opens, and a person should look at why."""
    return Access(True, AccessReason.OPERATOR, None, audit=True)


def _denial(identification: Identification) -> AccessReason:
    verdict = LivenessVerdict.NOT_CHECKED if identification.judged is None else identification.judged.liveness.verdict
    if identification.outcome is Outcome.SPOOF and verdict is not LivenessVerdict.SPOOF:
        return AccessReason.LIVENESS_NOT_SHOWN
    return _DENIED[identification.outcome]


def _is_worth_comparing(judged: JudgedFace) -> bool:
    return judged.quality is not None and judged.quality.band in (QualityBand.HIGH, QualityBand.MEDIUM)


def _liveness_refusal(liveness: LivenessAssessment, policy: DoorPolicy) -> AccessReason | None:
    is_asked = policy.liveness is not LivenessPolicy.OFF
    if is_asked and liveness.verdict is LivenessVerdict.SPOOF:
        return AccessReason.SPOOF
    is_shown = policy.liveness is not LivenessPolicy.REQUIRED or liveness.verdict is LivenessVerdict.LIVE
    return None if is_shown and _is_challenge_passed(liveness, policy) else AccessReason.LIVENESS_NOT_SHOWN


def _is_challenge_passed(liveness: LivenessAssessment, policy: DoorPolicy) -> bool:
    """Whether the door's challenge was passed; a still picture, to which none can be put, never passes one."""
    if policy.challenge is ChallengePolicy.OFF:
        return True
    return liveness.challenge is not None and liveness.challenge.state is ChallengeState.PASSED


def _needs_audit(judged: JudgedFace, policy: DoorPolicy) -> bool:
    is_medium = judged.quality is not None and judged.quality.band is QualityBand.MEDIUM
    is_unshown = policy.liveness is LivenessPolicy.PREFERRED and judged.liveness.verdict is not LivenessVerdict.LIVE
    return is_medium or is_unshown
