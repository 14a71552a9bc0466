"""The rule of a gallery in chunks: what a chunk holds, which one may follow, where to go on after a break."""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.gallery_messages import SubjectRecord
from doorward_sync.gallery_state import subject_digest

LARGEST_CHUNK_BYTES = 1024 * 1024
"""By weight_of; a subject is never divided, and may be larger alone."""
LARGEST_SUBJECT_BYTES = 16 * 1024 * 1024
"""Of one subject alone: 8,000 references of 512 numbers."""
MOST_CHUNKS = 65_536
"""Of one transfer: 64 GiB, which is the largest gallery a device can be told to keep."""
_OVERHEAD_BYTES = 64
"""Room for the numbers and tags of a subject or a reference."""


@dataclass(frozen=True, slots=True)
class ChunkVerdict:
    """What becomes of a chunk."""

    place: GalleryPlace | None
    """What is kept aside after it: with this chunk, or, where it is refused, without."""
    problem: ChunkProblem | None = None
    """Why it is refused; None where it is taken."""
    detail: str = ""
    """The same for a person."""


def judge_chunk(staged: GalleryPlace | None, revision: int, chunk: GalleryChunk) -> ChunkVerdict:
    """Decides whether a chunk is taken.

    What is refused because it does not follow leaves what is kept aside as it is; a chunk that makes no sense ends the
    transfer it belongs to.

    Args:
        staged: what is kept aside; None where nothing is.
        revision: revision of the device's gallery.
        chunk: of this session.
    """
    if (nonsense := _nonsense(chunk)) is not None:
        return ChunkVerdict(None, *nonsense)
    if digest_of(chunk.subjects) != chunk.chunk_digest:
        return ChunkVerdict(staged, ChunkProblem.CHUNK_DIGEST, f"chunk {chunk.number} is not what its digest says")
    if not chunk.snapshot and chunk.from_revision != revision:
        detail = f"builds on revision {chunk.from_revision}, the device has {revision}"
        return ChunkVerdict(None, ChunkProblem.WRONG_BASE, detail)
    here = place_before(chunk) if chunk.number == 1 else staged
    if here is None or here != place_before(chunk):
        found = "nothing" if here is None else f"{here.chunks} through revision {here.through_revision}"
        detail = f"chunk {chunk.number} after revision {chunk.after_revision} does not follow {found}"
        return ChunkVerdict(staged, ChunkProblem.OUT_OF_ORDER, detail)
    return ChunkVerdict(place_after(chunk))


def place_before(chunk: GalleryChunk) -> GalleryPlace:
    """What has to be kept aside for a chunk to follow."""
    return GalleryPlace(
        snapshot=chunk.snapshot,
        from_revision=chunk.from_revision,
        chunks=chunk.number - 1,
        through_revision=chunk.after_revision,
    )


def place_after(chunk: GalleryChunk) -> GalleryPlace:
    """What is kept aside with a chunk."""
    return GalleryPlace(
        snapshot=chunk.snapshot,
        from_revision=chunk.from_revision,
        chunks=chunk.number,
        through_revision=chunk.through_revision,
    )


def continued(place: GalleryPlace | None, *, snapshot: bool, from_revision: int, revision: int) -> GalleryPlace:
    """Where a transfer goes on: behind what the device keeps aside of the same one, else at its beginning.

    Args:
        place: what the device keeps aside.
        snapshot: whether the transfer replaces the gallery.
        from_revision: what it builds on; 0 in a snapshot.
        revision: of the centre's gallery; what reaches above it came from another centre, or from this one's future.
    """
    if (
        place is not None
        and (place.snapshot, place.from_revision) == (snapshot, from_revision)
        and from_revision <= place.through_revision <= revision
        and 0 < place.chunks < MOST_CHUNKS
    ):
        return place
    return GalleryPlace(snapshot=snapshot, from_revision=from_revision, chunks=0, through_revision=from_revision)


def fill_chunk(
    place: GalleryPlace, following: Iterable[SubjectRecord], largest_bytes: int, revision: int
) -> tuple[tuple[SubjectRecord, ...], int]:
    """What goes into the next chunk.

    Args:
        place: what the device keeps aside.
        following: subjects above place.through_revision, in order of gallery_revision; not read further than needed.
        largest_bytes: of a chunk, by weight_of.
        revision: of the centre's gallery.

    Returns:
        The subjects, and the revision up to which they go.
    """
    subjects: list[SubjectRecord] = []
    weight_bytes = 0
    for subject in following:
        weight_bytes += weight_of(subject)
        if subjects and weight_bytes > largest_bytes:
            return tuple(subjects), subjects[-1].gallery_revision
        subjects.append(subject)
    return tuple(subjects), max(revision, place.through_revision)


def weight_of(subject: SubjectRecord) -> int:
    """About the bytes of a subject on the wire, the same at both ends."""
    texts = len(subject.subject_id.encode()) + len(subject.display_name.encode())
    references = sum(
        len(one.template) + len(one.reference_id) + len(one.embedding_id) + len(one.precision) + _OVERHEAD_BYTES
        for one in subject.references
    )
    return texts + references + _OVERHEAD_BYTES


def digest_of(subjects: Iterable[SubjectRecord]) -> bytes:
    """SHA-256 over the subjects of a chunk, their order, revisions and tombstones, 32 bytes."""
    parts = (subject_digest(one) + struct.pack(">q?", one.gallery_revision, one.erased) for one in subjects)
    return hashlib.sha256(b"".join(parts)).digest()


def taken(chunk: GalleryChunk, revision: int, place: GalleryPlace | None) -> GalleryChunkResult:
    """The answer to a chunk that was taken."""
    return GalleryChunkResult(session_id=chunk.session_id, number=chunk.number, revision=revision, place=place)


def refused(chunk: GalleryChunk, revision: int, verdict: ChunkVerdict) -> GalleryChunkResult:
    """The answer to a chunk that was not."""
    return GalleryChunkResult(
        session_id=chunk.session_id,
        number=chunk.number,
        revision=revision,
        place=verdict.place,
        problem=verdict.problem,
        detail=verdict.detail,
    )


def _nonsense(chunk: GalleryChunk) -> tuple[ChunkProblem, str] | None:
    weight_bytes = sum(weight_of(one) for one in chunk.subjects)
    most_bytes = LARGEST_CHUNK_BYTES if len(chunk.subjects) > 1 else LARGEST_SUBJECT_BYTES
    if weight_bytes > most_bytes:
        return ChunkProblem.TOO_LARGE, f"chunk {chunk.number} has {weight_bytes} bytes; at most {most_bytes} are taken"
    if chunk.number > MOST_CHUNKS:
        return ChunkProblem.TOO_MANY, f"chunk {chunk.number}; at most {MOST_CHUNKS} are taken"
    base = chunk.from_revision == 0 if chunk.snapshot else chunk.from_revision >= 0
    revisions = [one.gallery_revision for one in chunk.subjects]
    bounds = [chunk.after_revision, *revisions]
    rises = all(low < high for low, high in zip(bounds, revisions, strict=False))
    follows = chunk.from_revision <= chunk.after_revision and (chunk.is_last or bool(chunk.subjects))
    once = len({one.subject_id for one in chunk.subjects}) == len(revisions)
    if not (base and chunk.number >= 1 and rises and follows and once and bounds[-1] <= chunk.through_revision):
        return ChunkProblem.MALFORMED, f"chunk {chunk.number} contradicts itself"
    if chunk.through_revision > chunk.to_revision:
        detail = f"chunk {chunk.number} goes to revision {chunk.through_revision} of {chunk.to_revision}"
        return ChunkProblem.MALFORMED, detail
    return None
