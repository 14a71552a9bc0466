"""The gallery over real sockets: subjects come, change, are listed and go; a repeated write is done once."""

import grpc
import pytest
from google.protobuf import field_mask_pb2

from doorward_api.v1 import gallery_service_pb2 as pb
from doorward_api.v1 import picture_pb2, quality_pb2, subject_pb2
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import info_of, open_stage

CREATE = pb.CreateSubjectRequest(request_id="create-1", subject_id="ada", display_name="Ada Lovelace")


@pytest.fixture
async def client(tmp_path):
    async with open_stage(tmp_path) as stage, stage.client("enroller") as client:
        yield client


def add(request_id: str, content: bytes = PICTURE) -> pb.AddReferenceRequest:
    return pb.AddReferenceRequest(request_id=request_id, subject_id="ada", picture=picture_pb2.Picture(content=content))


async def reason_of(call) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value.code(), info_of(refused.value).reason


async def test_a_subject_is_created_read_renamed_and_erased(client):
    created = (await client.gallery.CreateSubject(CREATE)).subject
    assert (created.subject_id, created.display_name) == ("ada", "Ada Lovelace")
    renamed = await client.gallery.UpdateSubject(
        pb.UpdateSubjectRequest(
            request_id="update-1",
            subject=subject_pb2.Subject(subject_id="ada", display_name="Countess"),
            update_mask=field_mask_pb2.FieldMask(paths=["display_name"]),
        )
    )
    assert renamed.subject.revision > created.revision
    assert (await client.gallery.GetSubject(pb.GetSubjectRequest(subject_id="ada"))).subject == renamed.subject
    receipt = (await client.gallery.EraseSubject(pb.EraseSubjectRequest(request_id="e", subject_id="ada"))).receipt
    assert (receipt.subject_id, receipt.erased_references) == ("ada", 0)
    missing = await reason_of(client.gallery.GetSubject(pb.GetSubjectRequest(subject_id="ada")))
    assert missing == (grpc.StatusCode.NOT_FOUND, "SUBJECT_NOT_FOUND")


async def test_the_device_names_a_subject_that_brings_no_name(client):
    created = await client.gallery.CreateSubject(pb.CreateSubjectRequest(request_id="1"))
    assert created.subject.subject_id


async def test_a_reference_is_added_with_its_face_and_removed(client):
    await client.gallery.CreateSubject(CREATE)
    added = await client.gallery.AddReference(add("add-1"))
    assert added.reference.quality_band == quality_pb2.QUALITY_BAND_HIGH
    assert added.face.detection_score == pytest.approx(0.97)
    assert [reference.reference_id for reference in added.subject.references] == [added.reference.reference_id]
    removed = await client.gallery.RemoveReference(
        pb.RemoveReferenceRequest(request_id="remove-1", subject_id="ada", reference_id=added.reference.reference_id)
    )
    assert not removed.subject.references


async def test_a_reference_of_somebody_else_is_kept_and_told_as_such(client):
    await client.gallery.CreateSubject(CREATE)
    request = add("add-1")
    request.kind = subject_pb2.REFERENCE_KIND_NEGATIVE
    await client.gallery.AddReference(request)
    await client.gallery.AddReference(add("add-2"))
    subject = (await client.gallery.GetSubject(pb.GetSubjectRequest(subject_id="ada"))).subject
    kinds = [reference.kind for reference in subject.references]
    assert kinds == [subject_pb2.REFERENCE_KIND_NEGATIVE, subject_pb2.REFERENCE_KIND_POSITIVE]


async def test_of_a_decision_on_record_it_is_said_that_it_was_somebody_else(client):
    await client.gallery.CreateSubject(CREATE)
    await client.gallery.AddReference(add("add-1"))
    request = pb.RuleOutDecisionRequest(request_id="out-1", subject_id="ada", event_seq=7)
    said = await client.gallery.RuleOutDecision(request)
    assert said.reference.kind == subject_pb2.REFERENCE_KIND_NEGATIVE
    assert said == await client.gallery.RuleOutDecision(request)
    older = pb.RuleOutDecisionRequest(request_id="out-2", subject_id="ada", event_seq=6)
    refused = await reason_of(client.gallery.RuleOutDecision(older))
    assert refused == (grpc.StatusCode.FAILED_PRECONDITION, "DECISION_FORGOTTEN")
    nothing = pb.RuleOutDecisionRequest(request_id="out-3", subject_id="ada")
    assert await reason_of(client.gallery.RuleOutDecision(nothing)) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "FIELD_INVALID",
    )


async def test_a_repeated_write_is_done_once_and_answered_as_before(client):
    await client.gallery.CreateSubject(CREATE)
    first = await client.gallery.AddReference(add("add-1"))
    again = await client.gallery.AddReference(add("add-1"))
    assert again == first
    subject = (await client.gallery.GetSubject(pb.GetSubjectRequest(subject_id="ada"))).subject
    assert len(subject.references) == 1


async def test_a_request_id_is_not_reused_for_another_request(client):
    await client.gallery.CreateSubject(CREATE)
    await client.gallery.AddReference(add("add-1"))
    other_picture = await reason_of(client.gallery.AddReference(add("add-1", PICTURE + b"!")))
    other_method = await reason_of(
        client.gallery.EraseSubject(pb.EraseSubjectRequest(request_id="add-1", subject_id="ada"))
    )
    assert other_picture == other_method == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_a_picture_without_bytes_enrols_nobody(client):
    await client.gallery.CreateSubject(CREATE)
    refused = await reason_of(client.gallery.AddReference(add("add-1", b"")))
    assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "PICTURE_EMPTY")


async def test_subjects_are_listed_page_by_page(client):
    for name in "cab":
        await client.gallery.CreateSubject(pb.CreateSubjectRequest(request_id=f"create-{name}", subject_id=name))
    names, token = [], ""
    for _ in range(2):
        page = await client.gallery.ListSubjects(pb.ListSubjectsRequest(page_size=2, page_token=token))
        names += [subject.subject_id for subject in page.subjects]
        token = page.next_page_token
        assert page.total_size == 3
    assert (names, token) == (["a", "b", "c"], "")
    wrong = await reason_of(client.gallery.ListSubjects(pb.ListSubjectsRequest(page_token="nobody made this")))
    assert wrong == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")
    too_many = await reason_of(client.gallery.ListSubjects(pb.ListSubjectsRequest(page_size=501)))
    assert too_many == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
