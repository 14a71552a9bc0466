"""What a viewer sees of a response: a score is an attacker's compass, so what is not listed here is withheld."""

from google.protobuf.message import Message

from doorward_daemon.rpc.roles import Role

_PACKAGE = "doorward_api.v1."

VISIBLE_FIELDS = {
    "BoundingBox": {"left_px", "top_px", "right_px", "bottom_px"},
    "Candidate": {"subject_id", "display_name", "reference_id"},
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
    "Identification": {"outcome", "match", "face", "face_count"},
    "IdentifyResponse": {"identification"},
    "Landmarks": {"right_eye", "left_eye", "nose_tip", "right_mouth_corner", "left_mouth_corner"},
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
    },
    "SelfTestCheck": {"name", "passed", "detail"},
    "SelfTestReport": {"passed", "checks", "run_time", "duration"},
    "Verification": {"outcome", "trusted", "poor_sides", "probe_face", "reference_face"},
    "VerifyResponse": {"verification"},
}
"""Per message of the contract, the fields a viewer sees; a new field stays hidden until someone lists it here."""


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
        elif field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                _withhold(part)
