"""Every message of the uplink survives the wire; what makes no sense is refused by name."""

from dataclasses import replace

import pytest

from doorward_api.v1 import event_pb2, uplink_pb2, uplink_service_pb2
from doorward_sync.batch_run import ProtocolError
from doorward_sync.chain import genesis
from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.event import EventKey, Lane
from doorward_sync.gallery_messages import (
    GalleryDelta,
    GalleryDeltaResult,
    LocalSubject,
    LocalSubjects,
    LocalSubjectsAck,
    ReferenceRecord,
    SubjectRecord,
)
from doorward_sync.messages import (
    Ack,
    Batch,
    Conflict,
    Credit,
    GoAway,
    GoAwayReason,
    HaveThrough,
    Heartbeat,
    HelloAck,
    Hint,
    Hole,
    HoleReason,
    Rewind,
)
from doorward_sync.wire_stream import from_wire_request, from_wire_response, to_wire_request, to_wire_response
from doorward_testing.sync_disks import DeviceDisk, make_event
from doorward_testing.sync_nodes import hello_of

LEDGER = Lane.LEDGER
EVENT = make_event(EventKey(3, LEDGER, 4), "id", genesis(3, LEDGER))
REFERENCE = ReferenceRecord(
    reference_id="r", template=b"\x00\x00\x80?", embedding_id="e", precision="f32", quality_score=0.5, create_time_us=-7
)
SUBJECT = SubjectRecord(subject_id="a", version=2, display_name="Änne", references=(REFERENCE,), gallery_revision=9)
PLACE = GalleryPlace(snapshot=True, from_revision=0, chunks=3, through_revision=17)
RESULT = GalleryChunkResult(session_id="s", number=4, revision=2, place=PLACE)
UP = [
    hello_of("gate-1", DeviceDisk(5)),
    replace(hello_of("gate-1", DeviceDisk(5)), takes_gallery_chunks=True, gallery_staged=PLACE),
    RESULT,
    *(replace(RESULT, place=None, problem=problem, detail="why") for problem in ChunkProblem),
    Batch(lane=LEDGER, events=(EVENT,), holes=(Hole(from_seq=1, to_seq=3, reason=HoleReason.EVICTED),)),
    Heartbeat(boottime_ns=1, wall_time_us=1_700_000_000_000_001),
    Heartbeat(boottime_ns=1, wall_time_us=1, is_storing=True),
    GalleryDeltaResult(revision=1, digest_agreed=True, problem="why"),
    Hint(EVENT),
    LocalSubjects(subjects=(LocalSubject(change=1, subject=SUBJECT),)),
]
DOWN = [
    HelloAck(
        protocol=1,
        session_id="s",
        have=(HaveThrough(lane=LEDGER, through_seq=4, chain_head=b"h"),),
        credit=2,
        centre_time_us=5,
        heartbeat_interval_s=25,
    ),
    Ack(session_id="s", lane=LEDGER, through_seq=1),
    Rewind(session_id="s", lane=Lane.BULK, from_seq=2),
    Conflict(session_id="s", lane=LEDGER, seq=3),
    Credit(batches=4),
    Heartbeat(boottime_ns=0, wall_time_us=-1),
    GoAway(reason=GoAwayReason.OVERLOADED, reconnect_after_min_ms=1, reconnect_after_max_ms=2),
    GalleryDelta(from_revision=1, to_revision=2, subjects=(SUBJECT,), digest=b"d" * 32, living=1, snapshot=True),
    GalleryChunk(
        session_id="s",
        number=3,
        snapshot=False,
        from_revision=1,
        after_revision=4,
        through_revision=9,
        to_revision=12,
        subjects=(SUBJECT,),
        chunk_digest=b"c" * 32,
        digest=b"d" * 32,
        living=5,
    ),
    LocalSubjectsAck(through_change=8),
]


@pytest.mark.parametrize("message", UP, ids=lambda message: type(message).__name__)
def test_what_a_device_says_arrives_as_it_was(message):
    raw = to_wire_request(message).SerializeToString()
    assert from_wire_request(uplink_service_pb2.ConnectRequest.FromString(raw)) == message


@pytest.mark.parametrize("message", DOWN, ids=lambda message: type(message).__name__)
def test_what_a_centre_says_arrives_as_it_was(message):
    raw = to_wire_response(message).SerializeToString()
    assert from_wire_response(uplink_service_pb2.ConnectResponse.FromString(raw)) == message


REQUEST = uplink_service_pb2.ConnectRequest
NONSENSE = {
    "nothing": REQUEST(),
    "no identity": REQUEST(hello=uplink_pb2.Hello(epoch=1)),
    "an epoch no store holds": REQUEST(hello=uplink_pb2.Hello(device_id="a", epoch=2**64 - 1)),
    "no lane": REQUEST(batch=uplink_pb2.Batch()),
    "an event without a clock": REQUEST(
        batch=uplink_pb2.Batch(lane=event_pb2.EVENT_LANE_LEDGER, events=[event_pb2.Event(seq=1)])
    ),
    "a hole without a reason": REQUEST(
        batch=uplink_pb2.Batch(lane=event_pb2.EVENT_LANE_LEDGER, holes=[uplink_pb2.Hole(from_seq=1, to_seq=1)])
    ),
    "a change of nobody": REQUEST(
        local_subjects=uplink_pb2.LocalSubjects(subjects=[uplink_pb2.LocalSubject(change=1)])
    ),
}


@pytest.mark.parametrize("request_name", NONSENSE)
def test_what_makes_no_sense_is_refused(request_name):
    with pytest.raises(ProtocolError):
        from_wire_request(NONSENSE[request_name])
