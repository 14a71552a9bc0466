"""The gallery in chunks between values and the wire contract's, for both ends."""

from doorward_api.v1 import uplink_pb2
from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.wire_down import LONGEST_DETAIL
from doorward_sync.wire_gallery import from_wire_subject, to_wire_subject

_PROBLEMS = {
    ChunkProblem.OUT_OF_ORDER: uplink_pb2.GALLERY_CHUNK_PROBLEM_OUT_OF_ORDER,
    ChunkProblem.WRONG_BASE: uplink_pb2.GALLERY_CHUNK_PROBLEM_WRONG_BASE,
    ChunkProblem.MALFORMED: uplink_pb2.GALLERY_CHUNK_PROBLEM_MALFORMED,
    ChunkProblem.TOO_LARGE: uplink_pb2.GALLERY_CHUNK_PROBLEM_TOO_LARGE,
    ChunkProblem.TOO_MANY: uplink_pb2.GALLERY_CHUNK_PROBLEM_TOO_MANY,
    ChunkProblem.CHUNK_DIGEST: uplink_pb2.GALLERY_CHUNK_PROBLEM_CHUNK_DIGEST,
    ChunkProblem.GALLERY_DIGEST: uplink_pb2.GALLERY_CHUNK_PROBLEM_GALLERY_DIGEST,
    ChunkProblem.STORAGE_FULL: uplink_pb2.GALLERY_CHUNK_PROBLEM_STORAGE_FULL,
    ChunkProblem.NO_GALLERY: uplink_pb2.GALLERY_CHUNK_PROBLEM_NO_GALLERY,
}
_PROBLEM_OF = {number: problem for problem, number in _PROBLEMS.items()}


def to_wire_place(place: GalleryPlace | None) -> uplink_pb2.GalleryPlace | None:
    """What is kept aside, as a message."""
    if place is None:
        return None
    return uplink_pb2.GalleryPlace(
        snapshot=place.snapshot,
        from_revision=place.from_revision,
        chunks=place.chunks,
        through_revision=place.through_revision,
    )


def from_wire_place(message: uplink_pb2.GalleryPlace) -> GalleryPlace:
    """What is kept aside, of a message; what makes no sense continues no transfer (chunk_rule.continued)."""
    return GalleryPlace(
        snapshot=message.snapshot,
        from_revision=message.from_revision,
        chunks=message.chunks,
        through_revision=message.through_revision,
    )


def to_wire_chunk(chunk: GalleryChunk) -> uplink_pb2.GalleryChunk:
    """A chunk as a message."""
    return uplink_pb2.GalleryChunk(
        session_id=chunk.session_id,
        number=chunk.number,
        snapshot=chunk.snapshot,
        from_revision=chunk.from_revision,
        after_revision=chunk.after_revision,
        through_revision=chunk.through_revision,
        to_revision=chunk.to_revision,
        subjects=[to_wire_subject(subject) for subject in chunk.subjects],
        chunk_digest=chunk.chunk_digest,
        digest=chunk.digest,
        living_subjects=chunk.living,
    )


def from_wire_chunk(message: uplink_pb2.GalleryChunk) -> GalleryChunk:
    """A chunk of a message; whether it makes sense chunk_rule.judge_chunk says."""
    return GalleryChunk(
        session_id=message.session_id,
        number=message.number,
        snapshot=message.snapshot,
        from_revision=message.from_revision,
        after_revision=message.after_revision,
        through_revision=message.through_revision,
        to_revision=message.to_revision,
        subjects=tuple(from_wire_subject(subject) for subject in message.subjects),
        chunk_digest=message.chunk_digest,
        digest=message.digest,
        living=message.living_subjects,
    )


def to_wire_chunk_result(result: GalleryChunkResult) -> uplink_pb2.GalleryChunkResult:
    """How a chunk was taken, as a message."""
    return uplink_pb2.GalleryChunkResult(
        session_id=result.session_id,
        number=result.number,
        revision=result.revision,
        place=to_wire_place(result.place),
        problem=uplink_pb2.GALLERY_CHUNK_PROBLEM_UNSPECIFIED if result.problem is None else _PROBLEMS[result.problem],
        detail=result.detail[:LONGEST_DETAIL],
    )


def from_wire_chunk_result(message: uplink_pb2.GalleryChunkResult) -> GalleryChunkResult:
    """How a chunk was taken, of a message; a problem of a newer device counts as one that ends the transfer."""
    problem = None if not message.problem else _PROBLEM_OF.get(message.problem, ChunkProblem.MALFORMED)
    return GalleryChunkResult(
        session_id=message.session_id,
        number=message.number,
        revision=message.revision,
        place=from_wire_place(message.place) if message.HasField("place") else None,
        problem=problem,
        detail=message.detail[:LONGEST_DETAIL],
    )


def pack_chunk(chunk: GalleryChunk) -> bytes:
    """A chunk as bytes, to be kept aside."""
    return to_wire_chunk(chunk).SerializeToString()


def unpack_chunk(packed: bytes) -> GalleryChunk:
    """What pack_chunk packed."""
    return from_wire_chunk(uplink_pb2.GalleryChunk.FromString(packed))
