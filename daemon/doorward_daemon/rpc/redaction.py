"""What a viewer sees of a response: a score is an attacker's compass, so what is not listed here is withheld."""

import json
from typing import Any

from google.protobuf.message import Message

from doorward_api.v1 import event_pb2
from doorward_daemon.rpc.roles import Role

_PACKAGE = "doorward_api.v1."

VISIBLE_FIELDS = {
    "BoundingBox": {"left_px", "top_px", "right_px", "bottom_px"},
    "Camera": {
        "camera_id",
        "door_id",
        "state",
        "problem",
        "frames",
        "dropped_frames",
        "reconnects",
        "frame_rate_hz",
        "width_px",
        "height_px",
    },
    "CameraView": {"camera_id", "frame_number", "capture_time", "width_px", "height_px", "tracks", "skipped_views"},
    "Candidate": {"subject_id", "display_name", "reference_id"},
    "Door": {
        "door_id",
        "display_name",
        "state",
        "problem",
        "openings",
        "faults",
        "liveness_policy",
        "challenge_policy",
        "mask_policy",
    },
    "Event": {
        "epoch",
        "lane",
        "seq",
        "event_id",
        "kind",
        "boot_id",
        "boottime_ns",
        "wall_time",
        "clock_state",
        "payload_json",
    },
    "EventGap": {"from_seq", "to_seq", "reason"},
    "EventHeartbeat": {"last_seq"},
    "Face": {"box", "landmarks", "quality", "liveness"},
    "GalleryStatus": {"subjects", "references", "foreign_references", "revision"},
    "GetInfoResponse": {
        "device_id",
        "version",
        "api_version",
        "role",
        "max_picture_bytes",
        "max_picture_pixels",
        "max_message_bytes",
        "max_faces",
        "picture_formats",
    },
    "GetStatusResponse": {
        "state",
        "problems",
        "start_time",
        "uptime",
        "resident_memory_bytes",
        "pack",
        "embedding_id",
        "runtime",
        "gallery",
        "self_test",
    },
    "GetUplinkStatusResponse": {
        "state",
        "centre_address",
        "unsent_events",
        "oldest_unsent_age",
        "last_acknowledged_seq",
        "last_problem",
        "connected_time",
        "attempts",
        "next_attempt_delay",
        "alarms",
        "quarantined_events",
    },
    "UplinkAlarm": {"kind", "count"},
    "Identification": {"outcome", "match", "face", "face_count"},
    "IdentifyResponse": {"identification", "is_remembered"},
    "Landmarks": {"right_eye", "left_eye", "nose_tip", "right_mouth_corner", "left_mouth_corner"},
    "ListCamerasResponse": {"cameras", "next_page_token"},
    "ListDoorsResponse": {"doors", "next_page_token"},
    "ListEventsResponse": {"events", "next_page_token"},
    "LivenessAssessment": {"verdict"},
    "Point": {"x_px", "y_px"},
    "QualityAssessment": {"band", "reasons", "guidance"},
    "RuntimeTruth": {
        "runtime",
        "runtime_version",
        "requested_device",
        "actual_device",
        "requested_precision",
        "actual_precision",
        "fallback_reason",
        "device_memory_used_bytes",
        "device_memory_total_bytes",
    },
    "SelfTestCheck": {"name", "passed", "detail"},
    "SelfTestReport": {"passed", "checks", "run_time", "duration"},
    "SideAdvice": {"side", "reasons", "guidance"},
    "Track": {"track_id", "face", "guidance", "outcome", "display_name", "evidence"},
    "Verification": {"outcome", "trusted", "poor_sides", "probe_face", "reference_face", "advice"},
    "VerifyResponse": {"verification"},
    "WatchCameraResponse": {"view"},
    "WatchEventsResponse": {"cursor", "event", "gap", "heartbeat"},
}
"""Per message of the contract, the fields a viewer sees; a new field stays hidden until someone lists it here."""


TELLING_WORDS = frozenset(
    {
        "candidates",
        "components",
        "explanation",
        "feature",
        "margin",
        "ratio",
        "ratios",
        "score",
        "scores",
        "similarity",
        "template",
        "threshold",
        "vector",
    }
)
"""Words in the key of an event's payload that tell an attacker how close he came."""

_UNITS = ("_ms", "_s", "_px", "_hz")


def redact(response: Message, role: Role) -> None:
    """Clears what the role may not see, in place; operators and above see everything."""
    if role < Role.OPERATOR:
        _withhold(response)


def _withhold(message: Message) -> None:
    if not message.DESCRIPTOR.full_name.startswith(_PACKAGE):
        return  # timestamps, durations, health: nothing of ours
    visible = VISIBLE_FIELDS.get(message.DESCRIPTOR.name, set())
    for field, value in message.ListFields():
        if field.name not in visible:
            message.ClearField(field.name)
        elif field.name == "payload_json" and isinstance(message, event_pb2.Event):
            message.payload_json = _without_scores(message.payload_json)
        elif field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                _withhold(part)


def _without_scores(payload_json: str) -> str:
    """The payload without what is telling by its name, and without numbers that no unit says to be something else."""
    if not payload_json:
        return ""
    return json.dumps(_clean(json.loads(payload_json)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _clean(value: Any, has_unit: bool = False) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            key: _clean(part, has_unit or key.endswith(_UNITS))
            for key, part in value.items()
            if not (TELLING_WORDS & set(key.lower().split("_")) or _is_bare(part, has_unit or key.endswith(_UNITS)))
        }
    if isinstance(value, list):
        return [_clean(part, has_unit) for part in value if not _is_bare(part, has_unit)]
    return value


def _is_bare(value: object, has_unit: bool) -> bool:
    return isinstance(value, float) and not has_unit
