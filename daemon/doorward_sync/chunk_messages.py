"""The gallery on its way down in chunks, as values: what is sent, what is kept aside, what is answered."""

from dataclasses import dataclass
from enum import StrEnum

from doorward_sync.gallery_messages import SubjectRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPlace:
    """How far changes of the gallery have come in chunks."""

    snapshot: bool
    """Whether they replace the gallery."""
    from_revision: int
    """Revision they build on; 0 in a snapshot."""
    chunks: int
    """Chunks that are here: 1, 2, ..., chunks."""
    through_revision: int
    """Changes up to this revision of the centre's gallery are in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryChunk:
    """A part of the changes of the gallery. The fields of a GalleryDelta mean what they mean there."""

    session_id: str
    """Session it belongs to; empty on disk."""
    number: int
    """1, 2, 3, ... in a transfer; 1 begins one."""
    snapshot: bool
    """Whether the transfer replaces the gallery."""
    from_revision: int
    """Revision the transfer builds on; 0 in a snapshot."""
    after_revision: int
    """through_revision of the chunk before it; from_revision in the first."""
    through_revision: int
    """Last revision whose changes are in it."""
    to_revision: int
    """Revision after the whole transfer, as the centre's gallery stands when the chunk is read."""
    subjects: tuple[SubjectRecord, ...]
    """In order of gallery_revision, tombstones among them."""
    chunk_digest: bytes
    """chunk_rule.digest_of the subjects, 32 bytes."""
    digest: bytes
    """Digest of the whole gallery at to_revision, 32 bytes."""
    living: int
    """Living subjects at to_revision."""

    @property
    def is_last(self) -> bool:
        """Whether the transfer is whole with it."""
        return self.through_revision == self.to_revision


class ChunkProblem(StrEnum):
    """Why a chunk was not taken; the gallery that was in force stays so."""

    OUT_OF_ORDER = "out_of_order"
    """It does not follow what is here."""
    WRONG_BASE = "wrong_base"
    """The transfer builds on another revision than the device's."""
    MALFORMED = "malformed"
    """Its numbers contradict each other, or the chunks before it."""
    TOO_LARGE = "too_large"
    """It is larger than a chunk may be."""
    TOO_MANY = "too_many"
    """There are more chunks than a transfer may have."""
    CHUNK_DIGEST = "chunk_digest"
    """Its digest is not that of what is in it."""
    GALLERY_DIGEST = "gallery_digest"
    """All chunks are here, and the gallery they make is another one."""
    STORAGE_FULL = "storage_full"
    """There is no room for it."""
    NO_GALLERY = "no_gallery"
    """The device shares no gallery now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryChunkResult:
    """How a chunk was taken."""

    session_id: str
    """Of the chunk."""
    number: int
    """Of the chunk."""
    revision: int
    """Revision of the device's gallery now."""
    place: GalleryPlace | None = None
    """What is kept aside now; None where nothing is."""
    problem: ChunkProblem | None = None
    """Why it was not taken; None where it was."""
    detail: str = ""
    """The same for a person."""
