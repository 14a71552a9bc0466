"""Which faces are refused before they are embedded: cheap to see and hopeless to compare."""

from doorward_daemon.model.quality import QualityReason
from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.settings import GateSettings
from doorward_daemon.vision.quality import ComponentName

# A picture less than this many inter-eye distances wide cannot hold a face and its surroundings.
_WIDTH_OF_A_FACE = 2.2
_MEAN_OF_DARK = 0.5


def find_refusals(evidence: FaceEvidence, settings: GateSettings) -> tuple[QualityReason, ...]:
    """Names the limits that a face is beyond, most hopeless first; empty where it may be embedded.

    Args:
        evidence: what is known before embedding.
        settings: the limits.
    """
    values = {name: evidence.value(name) for name in ComponentName}
    found = [
        (_below(values[ComponentName.INTER_EYE_DISTANCE], settings.min_inter_eye_px), QualityReason.FACE_TOO_SMALL),
        (_above(values[ComponentName.FACE_INSIDE_PICTURE], settings.max_outside_share), _cropped(evidence)),
        (_below(values[ComponentName.DYNAMIC_RANGE], settings.min_dynamic_range_bits), _flat(evidence)),
        (_above(values[ComponentName.OVER_EXPOSURE_PREVENTION], settings.max_over_exposed_share), _flat(evidence)),
        (_above(values[ComponentName.HEAD_POSE_YAW], settings.max_yaw_deg), QualityReason.YAW),
        (_above(values[ComponentName.HEAD_POSE_PITCH], settings.max_pitch_deg), QualityReason.PITCH),
        (_above(values[ComponentName.HEAD_POSE_ROLL], settings.max_roll_deg), QualityReason.ROLL),
        (_below(values[ComponentName.SHARPNESS], settings.min_sharpness), QualityReason.BLUR),
    ]
    return tuple(dict.fromkeys(reason for is_beyond, reason in found if is_beyond))


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _above(value: float | None, limit: float) -> bool:
    return value is not None and abs(value) > limit


def _cropped(evidence: FaceEvidence) -> QualityReason:
    # Room on both sides plus the eyes themselves: the width of the picture in inter-eye distances.
    left, right = evidence.value(ComponentName.LEFTWARD_CROP), evidence.value(ComponentName.RIGHTWARD_CROP)
    is_too_large = left is not None and right is not None and left + right + 1.0 < _WIDTH_OF_A_FACE
    return QualityReason.FACE_TOO_LARGE if is_too_large else QualityReason.FACE_CROPPED


def _flat(evidence: FaceEvidence) -> QualityReason:
    mean = evidence.value(ComponentName.LUMINANCE_MEAN) or 0.0
    return QualityReason.TOO_DARK if mean < _MEAN_OF_DARK else QualityReason.TOO_BRIGHT
