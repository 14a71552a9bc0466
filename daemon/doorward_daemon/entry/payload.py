"""The facts of an entry as they are recorded; the keys are stable."""

from typing import Any

from doorward_daemon.access import Access, AccessReason
from doorward_daemon.entry.entry import Entry
from doorward_daemon.model.decision import Candidate, DecisionRule, Explanation, JudgedFace


def describe_entry(entry: Entry, access: Access, age_ms: float) -> dict[str, Any]:
    """Payload of access.granted and access.denied.

    Args:
        entry: who asked for which door.
        access: what was decided.
        age_ms: milliseconds since capture when it was decided.
    """
    found = entry.identification
    return {
        "door_id": entry.door_id,
        "camera_id": entry.camera_id,
        "outcome": (access.outcome or found.outcome).value,
        "reason": access.reason.value,
        "audit": access.audit,
        "track_id": entry.track_id,
        "capture_age_ms": round(age_ms, 3),
        "face_count": found.face_count,
        "unrecorded_before": entry.unrecorded_before,
        **_describe_face(found.judged),
        **_describe_challenge(found.judged),
        **_describe_match(found.match, found.candidates),
        **_describe_reasons(found.explanation),
        # Who it is was decided in time for nothing: the deadline decided.
        **({"rule": DecisionRule.DEADLINE.value} if access.reason is AccessReason.STALE else {}),
    }


def _describe_face(judged: JudgedFace | None) -> dict[str, Any]:
    quality = None if judged is None else judged.quality
    liveness = None if judged is None else judged.liveness
    return {
        "quality_score": None if quality is None else round(quality.score, 4),
        "quality_band": None if quality is None else quality.band.value,
        "quality_reasons": [] if quality is None else [reason.value for reason in quality.reasons],
        "guidance": [] if quality is None else [step.value for step in quality.guidance],
        "liveness": "NOT_CHECKED" if liveness is None else liveness.verdict.value,
        "liveness_reason": None if liveness is None or liveness.reason is None else liveness.reason.value,
        "liveness_cues": {} if liveness is None else {cue.algorithm_id: cue.native_value for cue in liveness.cues},
        "liveness_score": None if liveness is None or liveness.score is None else round(liveness.score, 4),
    }


def _describe_challenge(judged: JudgedFace | None) -> dict[str, Any]:
    challenge = None if judged is None else judged.liveness.challenge
    if challenge is None:
        return {"challenge": None}
    return {
        "challenge": challenge.state.value,
        "challenge_steps": [step.value for step in challenge.steps],
        "challenge_failure": None if challenge.failure is None else challenge.failure.value,
    }


def _describe_match(match: Candidate | None, candidates: tuple[Candidate, ...]) -> dict[str, Any]:
    # The subject is named for a match only: whom a stranger resembles is nobody's business.
    best = match or (candidates[0] if candidates else None)
    return {
        "subject_id": None if match is None else match.subject_id,
        "display_name": None if match is None else match.display_name,
        "comparison_score": None if best is None else round(best.comparison_score, 6),
        "similarity": None if best is None else round(best.similarity, 6),
    }


def _describe_reasons(why: Explanation) -> dict[str, Any]:
    return {
        "rule": why.rule.value,
        "gates_passed": list(why.gates_passed),
        "threshold": round(why.threshold, 6),
        "margin_needed": round(why.margin_needed, 6),
        "margin_found": None if why.margin_found is None else round(why.margin_found, 6),
        "target_fpir": why.target_fpir,
        "liveness_policy": why.liveness_policy.value,
        "mask_policy": why.mask_policy.value,
        "gallery_subjects": why.gallery_subjects,
        "gallery_revision": why.gallery_revision,
        "frames_used": why.frames_used,
        "follows_track": why.follows_track,
        "pack": why.pack,
        "embedding_id": why.embedding_id,
        "models": {model.name: model.sha256 for model in why.models},
        "precision": why.device.actual_precision,
        "runtime": why.device.runtime,
        "device": why.device.actual_device,
        "requested_device": why.device.requested_device,
        "fallback_reason": why.device.fallback_reason,
        "stage_times_ms": {time.stage: round(time.duration_ms, 3) for time in why.stage_times},
    }
