"""Which kind of exception belongs to which reason, and to a status that came without one."""

from collections.abc import Mapping
from types import MappingProxyType

import grpc

from doorward_client.errors import (
    AlreadyExists,
    Conflict,
    DoorwardError,
    Fault,
    Forbidden,
    InvalidInput,
    NotFound,
    NotReady,
    Overloaded,
    TimedOut,
    Unreachable,
)

_REASONS: Mapping[type[DoorwardError], str] = {
    InvalidInput: (
        "PICTURE_EMPTY PICTURE_TOO_LARGE PICTURE_UNSUPPORTED PICTURE_DAMAGED FIELD_INVALID PAGE_TOKEN_INVALID "
        "CONFIG_INVALID MESSAGE_TOO_LARGE CURSOR_INVALID FILE_UNREADABLE TARGET_INVALID USAGE"
    ),
    NotFound: "SUBJECT_NOT_FOUND REFERENCE_NOT_FOUND CAMERA_NOT_FOUND DOOR_NOT_FOUND EVENT_NOT_FOUND",
    AlreadyExists: "SUBJECT_EXISTS REQUEST_ID_REUSED",
    Conflict: (
        "NO_FACE MULTIPLE_FACES QUALITY_TOO_LOW SUBJECT_DUPLICATE REFERENCE_OUTLIER TOO_MANY_REFERENCES "
        "SUBJECT_WITHOUT_REFERENCES DATA_FOLDER_HELD DATA_FOLDER_UNUSABLE PACK_MISSING PACK_DAMAGED "
        "CALIBRATION_UNUSABLE DECISION_FORGOTTEN DECISION_OF_ANOTHER "
        "EMBEDDING_MISMATCH LISTENER_UNAVAILABLE DEVICE_UNAVAILABLE"
    ),
    Forbidden: "ROLE_NOT_ALLOWED TOKEN_INVALID",
    NotReady: "NOT_READY PACK_UNAVAILABLE JOURNAL_SLOW CAMERA_LOST DOOR_FAULT",
    Overloaded: "OVERLOADED STORAGE_FULL SLOW_READER",
    TimedOut: "DEADLINE_EXCEEDED",
    Unreachable: "UNREACHABLE",
    Fault: "STORAGE_FAILED INFERENCE_FAILED INTERNAL",
}

CLIENT_REASONS = ("FILE_UNREADABLE", "TARGET_INVALID", "USAGE", "DEADLINE_EXCEEDED", "UNREACHABLE")
"""Reasons that a client finds by itself and the contract therefore does not know."""

KIND_OF_REASON: Mapping[str, type[DoorwardError]] = MappingProxyType(
    {reason: kind for kind, reasons in _REASONS.items() for reason in reasons.split()}
)
"""The kind of every reason of the contract, without its prefix, and of CLIENT_REASONS."""

KIND_OF_STATUS: Mapping[grpc.StatusCode, type[DoorwardError]] = MappingProxyType(
    {
        grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
        grpc.StatusCode.OUT_OF_RANGE: InvalidInput,
        grpc.StatusCode.NOT_FOUND: NotFound,
        grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
        grpc.StatusCode.FAILED_PRECONDITION: Conflict,
        grpc.StatusCode.ABORTED: Conflict,
        # A daemon older than this client: another daemon, not another try, changes the answer.
        grpc.StatusCode.UNIMPLEMENTED: Conflict,
        grpc.StatusCode.PERMISSION_DENIED: Forbidden,
        grpc.StatusCode.UNAUTHENTICATED: Forbidden,
        grpc.StatusCode.UNAVAILABLE: NotReady,
        grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
        grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    }
)
"""The kind for a reason that a newer daemon knows and this client does not; what is not named is a Fault."""
