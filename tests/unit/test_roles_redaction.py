"""What a viewer may not see is cleared from every response, whatever fields the contract gains."""

import json

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from doorward_api.v1 import (
    access_service_pb2,
    attendance_service_pb2,
    camera_service_pb2,
    decision_pb2,
    device_service_pb2,
    event_pb2,
    event_service_pb2,
    gallery_service_pb2,
    recognition_service_pb2,
)
from doorward_daemon.rpc.redaction import VISIBLE_FIELDS, redact
from doorward_daemon.rpc.roles import METHOD_RULES, Role
from doorward_testing.contract import AT_THE_CENTRE, comment_of, contract

SERVICES = {
    "AccessService": access_service_pb2,
    "AttendanceService": attendance_service_pb2,
    "CameraService": camera_service_pb2,
    "EventService": event_service_pb2,
    "RecognitionService": recognition_service_pb2,
    "GalleryService": gallery_service_pb2,
    "DeviceService": device_service_pb2,
}
VIEWER_RESPONSES = {
    method.output_type.rsplit(".", 1)[1]: getattr(SERVICES[service.name], method.output_type.rsplit(".", 1)[1])
    for file in contract().file
    for service in file.service
    for method in service.method
    if service.name not in AT_THE_CENTRE
    if METHOD_RULES[f"/{file.package}.{service.name}/{method.name}"].role is Role.VIEWER
}
TELLING = {
    "score",
    "similarity",
    "threshold",
    "margin",
    "components",
    "candidates",
    "explanation",
    "feature",
    "ratio",
    "ratios",
}
"""Words in the name of a field that tell an attacker how close he came."""

PAYLOAD = json.dumps(
    {
        "capture_age_ms": 12.5,
        "comparison_score": 0.71,
        "display_name": "爱达",
        "frames_used": 2,
        "liveness_score": None,
        "margin_found": 0.2,
        "margin_needed": 0.05,
        "nested": {"quality_score": 0.83, "list": [0.5, {"similarity": 0.9, "word": "kept"}], "unheard_of": 0.4},
        "outcome": "MATCHED",
        "similarity": 0.93,
        "stage_times_ms": {"detect": 6.5},
        "target": 0.01,
        "threshold": 0.42,
    },
    sort_keys=True,
)
"""Of an event, with everything that tells how close somebody came."""


def filled(message: Message) -> Message:
    """The message with every field set, two of each where it repeats."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            if field.is_repeated:
                filled(getattr(message, field.name).add())
                filled(getattr(message, field.name).add())
            else:
                filled(getattr(message, field.name))
                getattr(message, field.name).SetInParent()
        else:
            value = _value(field)
            if field.is_repeated:
                getattr(message, field.name).extend([value, value])
            else:
                setattr(message, field.name, value)
    return message


def _value(field: FieldDescriptor) -> object:
    if field.name == "payload_json":
        return PAYLOAD
    if field.type == field.TYPE_ENUM:
        return field.enum_type.values[1].number
    texts = {field.TYPE_STRING: "text", field.TYPE_BYTES: b"bytes", field.TYPE_BOOL: True}
    return texts.get(field.type, 1)


def paths(message: Message, prefix: str = "") -> set[str]:
    """Names of all fields that are set, with the path to them."""
    found = set()
    for field, value in message.ListFields():
        name = f"{prefix}{field.name}"
        found.add(name)
        if field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                found |= paths(part, f"{name}.")
    return found


def reachable(message: Descriptor) -> dict[str, Descriptor]:
    found = {message.name: message}
    for field in message.fields:
        if field.message_type is not None and field.message_type.full_name.startswith("doorward_api"):
            found |= reachable(field.message_type)
    return found


@pytest.mark.parametrize("name", VIEWER_RESPONSES)
def test_a_viewer_sees_nothing_telling_in_any_response(name):
    response = filled(VIEWER_RESPONSES[name]())
    redact(response, Role.VIEWER)
    assert response.ListFields(), "nothing at all is left to see"
    telling = {path for path in paths(response) if TELLING & set(path.replace(".", "_").split("_"))}
    assert telling == set()


@pytest.mark.parametrize("name", VIEWER_RESPONSES)
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ENROLLER, Role.ADMIN])
def test_operators_and_above_see_everything(name, role):
    response = filled(VIEWER_RESPONSES[name]())
    before = paths(response)
    redact(response, role)
    assert paths(response) == before


def test_what_is_hidden_is_what_the_comments_promise_to_hide():
    for response in VIEWER_RESPONSES.values():
        for message in reachable(response.DESCRIPTOR).values():
            # An explanation is withheld as a whole; its fields need not say so again.
            if message.name not in VISIBLE_FIELDS:
                assert "below operator" in comment_of(message.full_name) or message.name in HIDDEN_INSIDE, message.name
                continue
            for field in message.fields:
                comment = comment_of(field.full_name)
                promised = any(
                    words in comment for words in ("below operator", "for operator and above", "absent as above")
                )
                assert promised == (field.name not in VISIBLE_FIELDS[message.name]), field.full_name


HIDDEN_INSIDE = {"StageTime", "ModelUse", "QualityComponent"}
"""Messages that stand only in messages or fields that are hidden whole."""


def test_no_visible_field_is_listed_that_does_not_exist():
    known = {}
    for response in VIEWER_RESPONSES.values():
        known |= reachable(response.DESCRIPTOR)
    for name, fields in VISIBLE_FIELDS.items():
        assert fields <= {field.name for field in known[name].fields}, name


def test_a_message_that_nobody_listed_shows_nothing():
    candidate = filled(decision_pb2.Explanation())
    redact(candidate, Role.VIEWER)
    assert candidate == decision_pb2.Explanation()


def test_the_payload_of_an_event_has_no_scores_for_a_viewer():
    event = event_pb2.Event(payload_json=PAYLOAD, salt=b"salt", payload_digest=b"digest", chain_hash=b"hash", seq=1)
    redact(event, Role.VIEWER)
    assert json.loads(event.payload_json) == {
        "capture_age_ms": 12.5,
        "display_name": "爱达",
        "frames_used": 2,
        "nested": {"list": [{"word": "kept"}]},
        "outcome": "MATCHED",
        "stage_times_ms": {"detect": 6.5},
    }
    assert (event.salt, event.payload_digest, event.chain_hash) == (b"", b"", b""), (
        "a score could be guessed and proved"
    )


def test_an_erased_payload_stays_empty():
    event = event_pb2.Event(seq=1)
    redact(event, Role.VIEWER)
    assert event == event_pb2.Event(seq=1)
