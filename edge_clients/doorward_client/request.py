"""Requests that need more than their fields filled in; the blocking and the asyncio client share them."""

import uuid

from google.protobuf.field_mask_pb2 import FieldMask

from doorward_api.v1.access_service_pb2 import OpenDoorRequest
from doorward_api.v1.gallery_service_pb2 import UpdateSubjectRequest
from doorward_api.v1.picture_pb2 import Picture
from doorward_api.v1.recognition_service_pb2 import VerifyRequest
from doorward_api.v1.subject_pb2 import Subject
from doorward_client.errors import FieldProblem, InvalidInput


def new_request_id() -> str:
    """A name for one write, so that sending it twice does it once."""
    return str(uuid.uuid4())


def verify_request(probe: Picture, reference: Picture | None, subject_id: str | None) -> VerifyRequest:
    """Asks for a comparison with either a picture or a subject.

    Raises:
        InvalidInput: FIELD_INVALID when both or neither are given; on the wire the second would silently win.
    """
    if (reference is None) == (subject_id is None):
        problem = "expected exactly one of a reference picture and a subject_id"
        raise InvalidInput("FIELD_INVALID", problem, problems=[FieldProblem("reference", problem)])
    if subject_id is not None:
        return VerifyRequest(probe=probe, subject_id=subject_id)
    return VerifyRequest(probe=probe, reference_picture=reference)


def rename_request(subject_id: str, display_name: str, request_id: str | None) -> UpdateSubjectRequest:
    """Asks for another display name."""
    return UpdateSubjectRequest(
        request_id=request_id or new_request_id(),
        subject=Subject(subject_id=subject_id, display_name=display_name),
        update_mask=FieldMask(paths=["display_name"]),
    )


def open_door_request(door_id: str, duration_s: float | None, note: str, request_id: str | None) -> OpenDoorRequest:
    """Asks for an open door; without a duration for as long as the door is configured to."""
    request = OpenDoorRequest(request_id=request_id or new_request_id(), door_id=door_id, note=note)
    if duration_s is not None:
        request.duration.FromNanoseconds(round(duration_s * 1e9))
    return request
