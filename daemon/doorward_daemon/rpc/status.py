"""Turns typed errors into google.rpc.Status; clients rebuild them by reason, never by text."""

import math

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from doorward_daemon.errors import DoorwardError, ErrorReason

DOMAIN = "doorward"
"""Domain of every ErrorInfo."""

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION

CODES = {
    ErrorReason.PICTURE_EMPTY: _INVALID,
    ErrorReason.PICTURE_TOO_LARGE: _INVALID,
    ErrorReason.PICTURE_UNSUPPORTED: _INVALID,
    ErrorReason.PICTURE_DAMAGED: _INVALID,
    ErrorReason.FIELD_INVALID: _INVALID,
    ErrorReason.PAGE_TOKEN_INVALID: _INVALID,
    ErrorReason.NO_FACE: _PRECONDITION,
    ErrorReason.MULTIPLE_FACES: _PRECONDITION,
    ErrorReason.QUALITY_TOO_LOW: _PRECONDITION,
    ErrorReason.SUBJECT_DUPLICATE: _PRECONDITION,
    ErrorReason.REFERENCE_OUTLIER: _PRECONDITION,
    ErrorReason.TOO_MANY_REFERENCES: _PRECONDITION,
    ErrorReason.SUBJECT_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    ErrorReason.SUBJECT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.REFERENCE_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.SUBJECT_WITHOUT_REFERENCES: _PRECONDITION,
    ErrorReason.REQUEST_ID_REUSED: grpc.StatusCode.ALREADY_EXISTS,
    ErrorReason.ROLE_NOT_ALLOWED: grpc.StatusCode.PERMISSION_DENIED,
    ErrorReason.TOKEN_INVALID: grpc.StatusCode.UNAUTHENTICATED,
    ErrorReason.NOT_READY: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.OVERLOADED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.STORAGE_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.STORAGE_FAILED: grpc.StatusCode.INTERNAL,
    ErrorReason.DATA_FOLDER_HELD: _PRECONDITION,
    ErrorReason.DATA_FOLDER_UNUSABLE: _PRECONDITION,
    ErrorReason.PACK_MISSING: _PRECONDITION,
    ErrorReason.PACK_DAMAGED: _PRECONDITION,
    ErrorReason.CALIBRATION_UNUSABLE: _PRECONDITION,
    ErrorReason.EVENT_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.DECISION_FORGOTTEN: _PRECONDITION,
    ErrorReason.DECISION_OF_ANOTHER: _PRECONDITION,
    ErrorReason.PACK_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.EMBEDDING_MISMATCH: _PRECONDITION,
    ErrorReason.CONFIG_INVALID: _INVALID,
    ErrorReason.LISTENER_UNAVAILABLE: _PRECONDITION,
    ErrorReason.INFERENCE_FAILED: grpc.StatusCode.INTERNAL,
    ErrorReason.INTERNAL: grpc.StatusCode.INTERNAL,
    ErrorReason.MESSAGE_TOO_LARGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.JOURNAL_SLOW: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.CURSOR_INVALID: _INVALID,
    ErrorReason.SLOW_READER: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorReason.CAMERA_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.DOOR_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorReason.CAMERA_LOST: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.DOOR_FAULT: grpc.StatusCode.UNAVAILABLE,
    ErrorReason.DEVICE_UNAVAILABLE: grpc.StatusCode.FAILED_PRECONDITION,
}
"""Status code of every reason, as error_reason.proto says; the reason decides, not the exception's class."""

_RETRY_AFTER_S = {ErrorReason.NOT_READY: 1.0, ErrorReason.OVERLOADED: 0.5, ErrorReason.PACK_UNAVAILABLE: 60.0}
"""When to try again, for errors that do not say it themselves, seconds."""


def code_of(error: DoorwardError) -> grpc.StatusCode:
    """Status code of an error."""
    return CODES[error.reason]


def status_of(error: DoorwardError, request_id: str) -> status_pb2.Status:
    """The whole answer to a failed call.

    Args:
        error: what failed.
        request_id: identity of the call, put into the metadata so that a person can be told what to look for.
    """
    info = error_details_pb2.ErrorInfo(
        reason=error.reason.value, domain=DOMAIN, metadata={**error.metadata, "request_id": request_id}
    )
    status = status_pb2.Status(code=code_of(error).value[0], message=error.message, details=[_packed(info)])
    if error.problems:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=problem.field, description=problem.problem)
            for problem in error.problems
        ]
        status.details.append(_packed(error_details_pb2.BadRequest(field_violations=violations)))
    retry_after_s = error.retry_after_s if error.retry_after_s is not None else _RETRY_AFTER_S.get(error.reason)
    if retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(math.ceil(retry_after_s * 1000))
        status.details.append(_packed(retry))
    return status


def _packed(detail: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed
