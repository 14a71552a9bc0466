"""Identifications and verifications, as messages."""

from doorward_api.v1 import decision_pb2, quality_pb2
from doorward_daemon.model.decision import Candidate, Explanation, Identification, SideAdvice, StageTime, Verification
from doorward_daemon.rpc.wire_face import wire_band, wire_face, wire_guidance, wire_liveness, wire_reasons
from doorward_daemon.rpc.wire_time import wire_duration, wire_enum

_NO_BAND = quality_pb2.QualityBand.QUALITY_BAND_UNSPECIFIED


def wire_identification(found: Identification) -> decision_pb2.Identification:
    """Result of an identification."""
    return decision_pb2.Identification(
        outcome=wire_enum(decision_pb2.Outcome.Value, "OUTCOME_", found.outcome),
        match=None if found.match is None else _wire_candidate(found.match),
        candidates=[_wire_candidate(candidate) for candidate in found.candidates],
        face=None if found.judged is None else wire_face(found.judged),
        face_count=found.face_count,
        explanation=_wire_explanation(found.explanation),
    )


def wire_verification(found: Verification) -> decision_pb2.Verification:
    """Result of a verification."""
    sides = [wire_enum(decision_pb2.VerificationSide.Value, "VERIFICATION_SIDE_", side) for side in found.poor_sides]
    return decision_pb2.Verification(
        outcome=wire_enum(decision_pb2.VerificationOutcome.Value, "VERIFICATION_OUTCOME_", found.outcome),
        comparison_score=found.comparison_score,
        similarity=found.similarity,
        trusted=found.trusted,
        poor_sides=sides,
        probe_face=None if found.probe is None else wire_face(found.probe),
        reference_face=None if found.reference is None else wire_face(found.reference),
        explanation=_wire_explanation(found.explanation),
        advice=[_wire_advice(advice) for advice in found.advice],
        reference_quality_score=found.reference_quality,
    )


def _wire_advice(advice: SideAdvice) -> decision_pb2.SideAdvice:
    return decision_pb2.SideAdvice(
        side=wire_enum(decision_pb2.VerificationSide.Value, "VERIFICATION_SIDE_", advice.side),
        reasons=wire_reasons(advice.reasons),
        guidance=wire_guidance(advice.guidance),
    )


def _wire_candidate(candidate: Candidate) -> decision_pb2.Candidate:
    return decision_pb2.Candidate(
        subject_id=candidate.subject_id,
        display_name=candidate.display_name,
        reference_id=candidate.reference_id,
        comparison_score=candidate.comparison_score,
        similarity=candidate.similarity,
    )


def _wire_explanation(why: Explanation) -> decision_pb2.Explanation:
    return decision_pb2.Explanation(
        calibration=why.calibration,
        rule=wire_enum(decision_pb2.DecisionRule.Value, "DECISION_RULE_", why.rule),
        gates_passed=why.gates_passed,
        threshold=why.threshold,
        margin_needed=why.margin_needed,
        margin_found=why.margin_found,
        target_fpir=why.target_fpir,
        gallery_subjects=why.gallery_subjects,
        gallery_revision=why.gallery_revision,
        frames_used=why.frames_used,
        follows_track=why.follows_track,
        pack=why.pack,
        embedding_id=why.embedding_id,
        models=[decision_pb2.ModelUse(name=model.name, sha256=model.sha256) for model in why.models],
        runtime=why.device.runtime,
        requested_device=why.device.requested_device,
        actual_device=why.device.actual_device,
        precision=why.device.actual_precision,
        fallback_reason=why.device.fallback_reason,
        stage_times=[_wire_stage(time) for time in why.stage_times],
        comparison_score=why.comparison_score,
        similarity=why.similarity,
        quality_score=why.quality_score,
        quality_band=_NO_BAND if why.quality_band is None else wire_band(why.quality_band),
        liveness=wire_liveness(why.liveness),
        liveness_policy=why.liveness_policy.value,
        mask_policy=why.mask_policy.value,
        runtime_version=why.device.runtime_version,
        requested_precision=why.device.requested_precision,
    )


def _wire_stage(time: StageTime) -> decision_pb2.StageTime:
    return decision_pb2.StageTime(stage=time.stage, duration=wire_duration(time.duration_ms / 1000.0))
