"""Faces and what was judged about them, as messages."""

from collections.abc import Iterable

from doorward_api.v1 import face_pb2, liveness_pb2, quality_pb2
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.face import LANDMARK_NAMES, Face
from doorward_daemon.model.liveness import ChallengeResult, LivenessAssessment
from doorward_daemon.model.quality import Guidance, QualityAssessment, QualityBand, QualityComponent, QualityReason
from doorward_daemon.rpc.wire_time import wire_enum


def wire_face(judged: JudgedFace) -> face_pb2.Face:
    """A judged face."""
    face = judged.face
    message = face_pb2.Face(
        box=_wire_box(face),
        landmarks=_wire_landmarks(face),
        detection_score=face.score,
        liveness=wire_liveness(judged.liveness),
    )
    if judged.quality is not None:
        message.quality.CopyFrom(wire_quality(judged.quality))
    return message


def wire_quality(quality: QualityAssessment) -> quality_pb2.QualityAssessment:
    """What the gate thinks of a face."""
    return quality_pb2.QualityAssessment(
        score=quality.score,
        band=wire_band(quality.band),
        reasons=wire_reasons(quality.reasons),
        guidance=wire_guidance(quality.guidance),
        components=[_wire_component(component) for component in quality.components],
    )


def wire_band(band: QualityBand) -> quality_pb2.QualityBand.ValueType:
    """A quality band."""
    return wire_enum(quality_pb2.QualityBand.Value, "QUALITY_BAND_", band)


def wire_reasons(reasons: Iterable[QualityReason]) -> list[quality_pb2.QualityReason.ValueType]:
    """Why a face is not better."""
    return [wire_enum(quality_pb2.QualityReason.Value, "QUALITY_REASON_", reason) for reason in reasons]


def wire_guidance(guidance: Iterable[Guidance]) -> list[quality_pb2.Guidance.ValueType]:
    """What the person can do."""
    return [wire_enum(quality_pb2.Guidance.Value, "GUIDANCE_", step) for step in guidance]


def wire_liveness(liveness: LivenessAssessment) -> liveness_pb2.LivenessAssessment:
    """What liveness thinks of a face; without a score where it was not checked."""
    message = liveness_pb2.LivenessAssessment(
        verdict=wire_enum(liveness_pb2.LivenessVerdict.Value, "LIVENESS_VERDICT_", liveness.verdict),
        score=liveness.score,
        effective_scale_ratios=liveness.effective_scale_ratios,
    )
    if liveness.reason is not None:
        message.reason = wire_enum(liveness_pb2.LivenessReason.Value, "LIVENESS_REASON_", liveness.reason)
    message.cues.extend(
        liveness_pb2.LivenessCue(algorithm_id=cue.algorithm_id, native_value=cue.native_value, limit=cue.limit)
        for cue in liveness.cues
    )
    if liveness.challenge is not None:
        message.challenge.CopyFrom(_wire_challenge(liveness.challenge))
    return message


def _wire_challenge(challenge: ChallengeResult) -> liveness_pb2.ChallengeResult:
    message = liveness_pb2.ChallengeResult(
        state=wire_enum(liveness_pb2.ChallengeState.Value, "CHALLENGE_STATE_", challenge.state),
        steps=[wire_enum(liveness_pb2.ChallengeStep.Value, "CHALLENGE_STEP_", step) for step in challenge.steps],
        steps_done=challenge.steps_done,
    )
    if challenge.failure is not None:
        failure = liveness_pb2.ChallengeFailure.Value
        message.failure = wire_enum(failure, "CHALLENGE_FAILURE_", challenge.failure)
    return message


def _wire_component(component: QualityComponent) -> quality_pb2.QualityComponent:
    return quality_pb2.QualityComponent(
        name=component.name,
        algorithm_id=component.algorithm_id,
        native_value=component.native_value,
        score=component.score,
    )


def _wire_box(face: Face) -> face_pb2.BoundingBox:
    left, top, right, bottom = (float(edge) for edge in face.xyxy_px)
    return face_pb2.BoundingBox(left_px=left, top_px=top, right_px=right, bottom_px=bottom)


def _wire_landmarks(face: Face) -> face_pb2.Landmarks:
    points = {
        name: face_pb2.Point(x_px=float(x_px), y_px=float(y_px))
        for name, (x_px, y_px) in zip(LANDMARK_NAMES, face.landmarks_px, strict=True)
    }
    return face_pb2.Landmarks(**points)
